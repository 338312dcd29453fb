#include "report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "report/html.h"

namespace weir::report {
namespace {

constexpr std::size_t kMostRows = 500;
constexpr std::size_t kMostCharts = 12;

constexpr const char* kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>weir report</title>
<style>
:root { --paper: #fff; --ink: #1b1f24; --faint: #59636e; --line: #d1d9e0; --in: #0a58ca; --out: #b35900; --alarm: #b3001b; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e6e9ec; --faint: #9aa4ae; --line: #3a424a; --in: #6cb0ff; --out: #ffab5e; --alarm: #ff7b86; }
}
body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--paper); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } .faint, caption { color: var(--faint); } .alarm { color: var(--alarm); font-weight: 600; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; padding: .3rem 0; } th { text-align: left; font-weight: 600; }
th, td { padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; } td { overflow-wrap: anywhere; min-width: 6rem; }
td:first-child { min-width: 8.5rem; } th.n, td.n { text-align: right; } td.n { min-width: 3rem; } td.n, td.t { white-space: nowrap; } td.i { min-width: 17ch; }
figure { margin: 1rem 0; } figcaption { font-weight: 600; margin-bottom: .25rem; }
svg { display: block; width: 100%; min-width: 34rem; max-width: 48rem; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--faint); }
.grid { stroke: var(--line); } polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.in { stroke: var(--in); } .out { stroke: var(--out); stroke-dasharray: 6 3; }
.key-in { color: var(--in); font-weight: 600; } .key-out { color: var(--out); font-weight: 600; }
@media print {
  :root { --paper: #fff; --ink: #000; --faint: #444; --line: #bbb; --in: #0a58ca; --out: #b35900; --alarm: #b3001b; }
  body { max-width: none; padding: 0; font-size: 11px; } .wide { overflow: visible; } svg { min-width: 0; } figure, tr { break-inside: avoid; }
  h2, caption, thead, thead tr { break-after: avoid; }
}
</style>
</head>
<body>
)";

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

std::uint64_t sum(const std::vector<std::uint64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

std::string age_or_dash(const std::optional<Id>& id, UnixMs now) {
  const auto age = id ? age_of(*id, now) : std::nullopt;
  return age ? duration_text(*age) : id ? "not known" : "-";
}

/// Tells how many of the rows are left out, if there are too many.
void append_left_out(std::string& out, std::size_t all) {
  if (all > kMostRows) {
    out += fmt::format("<p class=\"faint\">And {} more.</p>\n", all - kMostRows);
  }
}

constexpr Head::Of kFigures = Head::Of::figures;
constexpr Head::Of kTimes = Head::Of::times;
constexpr Head::Of kIds = Head::Of::ids;

class Page {
 public:
  Page(std::string& out, const Activity& activity, UnixMs now) : out_(out), activity_(activity), now_(now) {}

  void write() {
    out_ += kHead;
    const Window& window = activity_.window;
    out_ += fmt::format("<h1>weir report</h1>\n<p class=\"faint\">Made {} UTC. Activity from {} to {} UTC.</p>\n",
                        utc_minute(now_), utc_minute(window.from), utc_minute(now_));
    troubles();
    queued();
    behind();
    rates();
    durations();
    letters();
    runs("Slowest runs", activity_.slowest);
    runs("Failing runs, the newest first", activity_.failing);
    out_ += "</body>\n</html>\n";
  }

 private:
  /// Shows what needs attention first.
  void troubles() {
    std::size_t rows = 0;
    std::string text;
    {
      HtmlTable table(text, "Where something waits and nothing has moved for ten minutes, and what was given up",
                      {{"Stream"}, {"What is wrong"}});
      for (const StreamQueue& stream : activity_.streams) {
        const auto dead = activity_.dead.find(stream.name);
        if (stream.stuck && ++rows <= kMostRows) {
          table.row({html(stream.name), html(*stream.stuck)});
        }
        if (dead != activity_.dead.end() && dead->second > 0 && ++rows <= kMostRows) {
          table.row({html(stream.name), fmt::format("{} dead letter{}", dead->second, dead->second == 1 ? "" : "s")});
        }
      }
    }
    out_ += "<h2>What needs somebody</h2>\n";
    out_ += rows == 0 ? "<p>Nothing: nothing is stuck, and there are no dead letters.</p>\n" : text;
    append_left_out(out_, rows);
  }

  void queued() {
    out_ += "<h2>What is queued</h2>\n";
    if (activity_.streams.empty()) {
      out_ += "<p>There are no streams.</p>\n";
      return;
    }
    std::size_t rows = 0;
    {
      HtmlTable table(out_, "Each group of each stream",
                      {{"Stream"},
                       {"Entries", kFigures},
                       {"Delayed", kFigures},
                       {"Dead letters", kFigures},
                       {"Group"},
                       {"Waiting", kFigures},
                       {"Oldest waiting", kFigures},
                       {"Pending", kFigures},
                       {"Oldest pending", kFigures},
                       {"State"}});
      for (const StreamQueue& stream : activity_.streams) {
        const auto dead = activity_.dead.find(stream.name);
        std::vector<std::string> cells{html(stream.name), number(stream.length), number(stream.delayed.count),
                                       number(dead == activity_.dead.end() ? 0 : dead->second)};
        if (stream.groups.empty() && ++rows <= kMostRows) {
          cells.insert(cells.end(), {"(none)", "-", "-", "-", "-", ""});
          table.row(cells);
        }
        for (const GroupQueue& group : stream.groups) {
          if (++rows > kMostRows) {
            continue;
          }
          std::vector<std::string> row = cells;
          row.insert(row.end(), {html(group.name), group.waiting ? number(*group.waiting) : "not known",
                                 age_or_dash(group.oldest_waiting, now_), number(group.pending),
                                 age_or_dash(group.oldest_pending, now_), group.paused ? "paused" : ""});
          table.row(row);
        }
      }
    }
    append_left_out(out_, rows);
  }

  void behind() {
    std::size_t rows = 0;
    std::string text;
    {
      HtmlTable table(text, "The group with the oldest message that it has not been given or has not acknowledged",
                      {{"Stream"},
                       {"Group"},
                       {"Since", kFigures},
                       {"Message", kIds},
                       {"Entries of the stream", kFigures},
                       {"Kept for it"}});
      for (const StreamQueue& stream : activity_.streams) {
        const GroupQueue* group = stream.furthest_behind();
        if (group == nullptr || ++rows > kMostRows) {
          continue;
        }
        const bool kept =
            std::ranges::find(activity_.keeps_unfinished, stream.name) != activity_.keeps_unfinished.end();
        table.row({html(stream.name), html(group->name), age_or_dash(group->oldest(), now_),
                   html(to_string(*group->oldest())), number(stream.length), kept ? "yes (keep --acked)" : "no"});
      }
    }
    out_ += "<h2>Groups that hold up a stream</h2>\n";
    out_ += rows == 0 ? "<p>None: all groups are done with all there is.</p>\n" : text;
    append_left_out(out_, rows);
  }

  void rates() {
    out_ += fmt::format(
        "<h2>Messages a minute</h2>\n<p><span class=\"key-in\">In</span>: appended and still there, by the times in "
        "the "
        "IDs. <span class=\"key-out\">Out</span> (dashed): acknowledged, by the run logs. Means of {}.</p>\n",
        duration_text(activity_.window.step));
    cut_logs();
    std::vector<std::pair<std::uint64_t, const std::string*>> busiest;
    StreamActivity all;
    all.in.resize(activity_.window.steps);
    all.out.resize(activity_.window.steps);
    std::size_t summed = 0;
    for (const auto& [name, steps] : activity_.rates) {
      if (is_of_work(name)) {
        summed += sum(steps.in) + sum(steps.out) > 0 ? 1 : 0;
        for (std::size_t i = 0; i < activity_.window.steps; ++i) {
          all.in[i] += steps.in[i];
          all.out[i] += steps.out[i];
        }
      }
      if (const std::uint64_t count = sum(steps.in) + sum(steps.out); count > 0) {
        busiest.emplace_back(count, &name);
      }
    }
    if (busiest.empty()) {
      out_ += "<p>Nothing came in or went out.</p>\n";
      return;
    }
    std::ranges::stable_sort(busiest, std::ranges::greater(), [](const auto& each) { return each.first; });
    if (summed > 1) {
      const bool some_are_not = summed < busiest.size();
      chart(0, some_are_not ? "All streams together, without run logs and dead letters" : "All streams together", all,
            !activity_.runs.empty());
    }
    for (std::size_t i = 0; i < std::min(busiest.size(), kMostCharts); ++i) {
      const std::string& name = *busiest[i].second;
      chart(i + 1, html(name), activity_.rates.at(name), has_log(name));
    }
    if (busiest.size() > kMostCharts) {
      out_ += fmt::format("<p class=\"faint\">These are the busiest; {} more had something.</p>\n",
                          busiest.size() - kMostCharts);
    }
  }

  /// Streams that workers write about other streams' messages would be counted twice.
  bool is_of_work(const std::string& stream) const {
    return !activity_.letters.contains(stream) && std::ranges::find(activity_.logs, stream) == activity_.logs.end();
  }

  /// A log keeps a limited number of runs; older runs are in no figure, so the page tells from when on it has them.
  void cut_logs() {
    for (const auto& [log, begin] : activity_.cut_logs) {
      out_ += fmt::format(
          "<p class=\"alarm\">The run log {} begins at {} UTC: earlier runs are missing. (<code>weir keep {} --maxlen "
          "N</code> has it keep more.)</p>\n",
          html(log), utc_minute(begin), html(log));
    }
  }

  bool has_log(const std::string& stream) const {
    const auto first = activity_.runs.lower_bound({stream, ""});
    return first != activity_.runs.end() && first->first.first == stream;
  }

  void chart(std::size_t number_of, const std::string& name, const StreamActivity& steps, bool out_known) {
    Chart chart;
    chart.id = fmt::format("c{}", number_of);
    chart.title = name + ", messages a minute";
    for (std::size_t i = 0; i < activity_.window.steps; ++i) {
      chart.in.push_back(activity_.window.per_minute(steps.in[i]));
      if (out_known) {
        chart.out.push_back(activity_.window.per_minute(steps.out[i]));
      }
    }
    chart.from = activity_.window.from;
    chart.to = activity_.window.to();
    const auto most = [](const std::vector<double>& rates) { return rate_text(std::ranges::max(rates)); };
    chart.description = fmt::format("From {} to {} UTC: {} in, at most {} a minute", utc_minute(chart.from),
                                    utc_minute(chart.to), sum(steps.in), most(chart.in));
    chart.description += out_known ? fmt::format("; {} out, at most {} a minute.", sum(steps.out), most(chart.out))
                                   : std::string("; no run log says what went out.");
    append_chart(out_, chart);
    out_ += "<p class=\"faint\">" + chart.description + "</p>\n";
  }

  void durations() {
    out_ += "<h2>From append to acknowledgement</h2>\n";
    if (activity_.runs.empty()) {
      out_ += "<p>There is no run log for this time: <code>weir work --log STREAM</code> keeps one.</p>\n";
      return;
    }
    cut_logs();
    std::string logs;
    for (const std::string& log : activity_.logs) {
      logs += (logs.empty() ? "" : ", ") + html(log);
    }
    HtmlTable table(out_, "Run logs: " + logs + ". So large a part of the messages was done in that time or less.",
                    {{"Stream"},
                     {"Group"},
                     {"Runs", kFigures},
                     {"Failed", kFigures},
                     {"Half", kFigures},
                     {"95 %", kFigures},
                     {"All", kFigures},
                     {"Half of the runs took", kFigures},
                     {"Longest run", kFigures}});
    for (const auto& each : activity_.runs) {
      const StreamAndGroup& key = each.first;
      const Runs& runs = each.second;
      const auto part = [&](double of) {
        return runs.done_after.count() > 0 ? duration_text(runs.done_after.up_to(of)) : std::string("-");
      };
      table.row({html(key.first), html(key.second), number(runs.count), number(runs.failed), part(0.5), part(0.95),
                 part(1), duration_text(runs.took.up_to(0.5)), duration_text(runs.took.most())});
    }
  }

  void letters() {
    out_ += "<h2>Dead letters by reason</h2>\n";
    if (activity_.reasons.empty()) {
      out_ += "<p>None.</p>\n";
      return;
    }
    std::vector<std::pair<StreamAndReason, std::uint64_t>> reasons(activity_.reasons.begin(), activity_.reasons.end());
    std::ranges::stable_sort(reasons, std::ranges::greater(), [](const auto& each) { return each.second; });
    HtmlTable table(out_, "The most frequent first", {{"Dead letters", kFigures}, {"Reason"}, {"Stream"}});
    for (const auto& [key, count] : reasons) {
      table.row({number(count), html(key.second), html(key.first)});
    }
  }

  void runs(const char* title, const std::vector<Run>& all) {
    out_ += fmt::format("<h2>{}</h2>\n", title);
    if (all.empty()) {
      out_ += "<p>None.</p>\n";
      return;
    }
    HtmlTable table(out_, "From the run logs",
                    {{"Took", kFigures},
                     {"Ended (UTC)", kTimes},
                     {"Outcome"},
                     {"Stream"},
                     {"Group"},
                     {"Message", kIds},
                     {"It said"}});
    for (const Run& run : all) {
      const std::string outcome = html(run.ending);
      table.row({duration_text(run.took), utc_minute(run.ended),
                 run.failed ? "<span class=\"alarm\">" + outcome + "</span>" : outcome, html(run.stream),
                 html(run.group), html(run.id), html(run.said)});
    }
  }

  std::string& out_;
  const Activity& activity_;
  UnixMs now_;
};

}  // namespace

void write_page(std::string& out, const Activity& activity, UnixMs now) {
  Page(out, activity, now).write();
}

}  // namespace weir::report
