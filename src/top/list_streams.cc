// Lists of streams, and of the groups of one stream.
#include <fmt/format.h>

#include <algorithm>

#include "report/queued.h"
#include "text/glob.h"
#include "top/cells.h"
#include "top/listing.h"

namespace weir::top {
namespace {

using report::GroupQueue;
using report::StreamQueue;

std::optional<Millis> oldest_age(const StreamQueue& queue, const Now& now) {
  const GroupQueue* last = queue.furthest_behind();
  return last != nullptr ? report::age_of(*last->oldest(), now.wall) : std::nullopt;
}

std::string paused_groups(const SeenStream& stream, const Now& now) {
  const auto paused = std::ranges::count_if(stream.queue.groups,
                                            [&](const GroupQueue& group) { return is_paused(group, stream.at, now); });
  return paused == 0 ? "" : std::to_string(paused) + " paused";
}

/// The remark about a stream: why it is stuck, or what is unusual about it.
io::Cell note(const SeenStream& stream, const Now& now) {
  if (stream.stuck) {
    return words(*stream.stuck, io::Ink::alarm);
  }
  std::string text = paused_groups(stream, now);
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : ", ") + more; };
  if (stream.queue.released() > 0) {
    add(std::to_string(stream.queue.released()) + " to retry");
  }
  if (stream.queue.delayed.count > 0) {
    add(std::to_string(stream.queue.delayed.count) + " delayed");
  }
  return io::Cell(std::move(text), io::Ink::faint);
}

io::Cell waiting(const StreamQueue& queue) {
  if (const auto all = queue.waiting()) {
    return number(*all, io::Ink::strong);
  }
  const std::uint64_t known = queue.known_waiting();
  return known > 0 ? io::Cell(std::to_string(known) + "+") : faint(queue.groups.empty() ? "-" : "?");
}

double figure_of(const std::optional<Millis>& age) {
  return age ? static_cast<double>(age->count()) : -1;
}

}  // namespace

io::Cell rate_cell(const std::optional<double>& per_second) {
  constexpr double kMinute = 60;
  constexpr double kThousand = 1000;
  if (!per_second) {
    return faint();
  }
  if (*per_second <= 0) {
    return faint("0");
  }
  if (*per_second < 1) {
    return io::Cell(fmt::format("{:.0f}/m", std::max(1.0, *per_second * kMinute)));
  }
  return io::Cell(*per_second < 9.95             ? fmt::format("{:.1f}/s", *per_second)
                  : *per_second < 10 * kThousand ? fmt::format("{:.0f}/s", *per_second)
                                                 : fmt::format("{:.0f}k/s", *per_second / kThousand));
}

bool filter_fits(std::string_view filter, std::string_view text) {
  const auto lower = [](std::string_view bytes) {
    std::string out(bytes);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
  };
  return filter.find_first_of("*?[") == std::string_view::npos ? lower(text).find(lower(filter)) != std::string::npos
                                                               : glob_match(lower(filter), lower(text));
}

Listing list_streams(const Model& model, const Now& now) {
  const auto& streams = model.streams();
  const auto queue = [&streams](std::size_t row) -> const StreamQueue& { return streams[row].queue; };
  const auto in = [&model, queue, now](std::size_t row) {
    const Rates* rates = model.rates(queue(row).name);
    return rates != nullptr ? rates->in.per_second(now.steady) : std::nullopt;
  };
  const auto out = [&model, queue, now](std::size_t row) {
    const Rates* rates = model.rates(queue(row).name);
    return rates != nullptr ? rates->out_per_second(now.steady) : std::nullopt;
  };
  Listing listing;
  listing.columns = {{"STREAM", false, 0, true}, {"IN", true, 3},     {"OUT", true, 4},  {"WAITING", true, 0},
                     {"PENDING", true, 2},       {"OLDEST", true, 1}, {"DEAD", true, 3}, {"LENGTH", true, 6},
                     {"GROUPS", true, 7},        {"", false, 5, true}};
  const auto count = [](auto figure) { return [figure](std::size_t row) { return static_cast<double>(figure(row)); }; };
  listing.orders = {
      {"waiting", count([queue](std::size_t row) { return queue(row).known_waiting(); })},
      {"name", {}},
      {"in", [in](std::size_t row) { return in(row).value_or(-1); }, true},
      {"out", [out](std::size_t row) { return out(row).value_or(-1); }, true},
      {"pending", count([queue](std::size_t row) { return queue(row).pending(); })},
      {"oldest", [queue, now](std::size_t row) { return figure_of(oldest_age(queue(row), now)); }, false, true},
      {"dead", count([queue](std::size_t row) { return queue(row).dead; })},
      {"length", count([queue](std::size_t row) { return queue(row).length; })},
  };
  listing.count = streams.size();
  listing.key = [queue](std::size_t row) { return queue(row).name; };
  listing.cells = [&streams, in, out, now](std::size_t row) -> std::vector<io::Cell> {
    const SeenStream& stream = streams[row];
    const StreamQueue& q = stream.queue;
    return {words(q.name, stream.stuck ? io::Ink::alarm : io::Ink::plain),
            rate_cell(in(row)),
            rate_cell(q.groups.empty() ? std::nullopt : out(row)),
            waiting(q),
            number(q.pending()),
            age(oldest_age(q, now)),
            number(q.dead, io::Ink::alarm),
            number(q.length),
            number(q.groups.size()),
            note(stream, now)};
  };
  listing.more = [&streams, now](std::size_t row) {
    const SeenStream& stream = streams[row];
    return stream.queue.name + (stream.stuck ? " is stuck: " + *stream.stuck : "");
  };
  listing.matches = [queue](std::size_t row, std::string_view filter) { return filter_fits(filter, queue(row).name); };
  listing.empty = "There are no streams.";
  return listing;
}

Listing list_groups(const Model& model, const Now& now) {
  Listing listing;
  listing.columns = {{"GROUP", false, 0, true}, {"OUT", true, 3},    {"WAITING", true, 0}, {"PENDING", true, 1},
                     {"RETRY", true, 5},        {"OLDEST", true, 2}, {"HELD", true, 4},    {"CONSUMERS", true, 6},
                     {"ASKED", true, 7},        {"", false, 3, true}};
  listing.empty = "It has no groups: it is a log that anybody reads.";
  const FoundPlace* place = model.place();
  if (place == nullptr || !place->stream) {
    return listing;
  }
  const SeenStream& stream = *place->stream;
  const auto group = [&stream](std::size_t row) -> const GroupQueue& { return stream.queue.groups[row]; };
  const auto oldest = [group, now](std::size_t row) {
    const auto id = group(row).oldest();
    return id ? report::age_of(*id, now.wall) : std::nullopt;
  };
  listing.orders = {
      {"name", {}},
      {"waiting", [group](std::size_t row) { return static_cast<double>(group(row).waiting.value_or(0)); }},
      {"pending", [group](std::size_t row) { return static_cast<double>(group(row).pending); }},
      {"oldest", [oldest](std::size_t row) { return figure_of(oldest(row)); }},
  };
  listing.count = stream.queue.groups.size();
  listing.key = [group](std::size_t row) { return group(row).name; };
  listing.cells = [&model, &stream, group, oldest, now](std::size_t row) -> std::vector<io::Cell> {
    const GroupQueue& g = group(row);
    const Rates* rates = model.rates(stream.queue.name);
    std::optional<double> out;
    if (rates != nullptr && rates->out.contains(g.name)) {
      out = rates->out.at(g.name).per_second(now.steady);
    }
    const Millis since = passed(stream.at, now);
    const bool paused = is_paused(g, stream.at, now);
    const auto& stuck = stream.stuck_groups[row];
    return {words(g.name, stuck ? io::Ink::alarm : io::Ink::plain),
            rate_cell(out),
            g.waiting ? number(*g.waiting, io::Ink::strong) : faint("?"),
            number(g.pending),
            number(g.released),
            age(oldest(row)),
            g.held ? age(g.held->idle + since) : faint(),
            number(g.consumers),
            g.asked ? age(*g.asked + since) : faint(),
            stuck ? words(*stuck, io::Ink::alarm) : faint(paused ? paused_text(g, stream.at, now) : "")};
  };
  listing.more = [&stream, group](std::size_t row) {
    const auto& stuck = stream.stuck_groups[row];
    return group(row).name + (stuck ? ": " + *stuck : "");
  };
  listing.matches = [group](std::size_t row, std::string_view filter) { return filter_fits(filter, group(row).name); };
  return listing;
}

}  // namespace weir::top
