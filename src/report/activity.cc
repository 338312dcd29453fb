#include "report/activity.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "io/table/table_time.h"
#include "report/stuck.h"
#include "stream/paging.h"
#include "system/clock.h"
#include "text/numbers.h"
#include "text/words.h"
#include "worker/dead/dead_letter.h"
#include "worker/dead/targets.h"

namespace weir::report {
namespace {

constexpr std::size_t kMostRuns = 10;       ///< how many runs are shown
constexpr std::size_t kMostGroups = 1'000;  ///< how many groups are counted separately, as a log may hold any names
constexpr std::size_t kMostReasons = 200;
constexpr const char* kOther = "(others)";

/// A run as `work --log` records it; see worker/run_log.h.
struct LoggedRun {
  Run run;
  std::uint64_t messages = 1;
};

std::optional<LoggedRun> read_run(const Entry& entry) {
  if (!entry.fields) {
    return std::nullopt;
  }
  LoggedRun read;
  int found = 0;
  bool has_status = false;
  entry.fields->each([&](std::string_view name, std::string_view value) {
    if (name == "id") {
      read.run.id = value;
      ++found;
    } else if (name == "stream") {
      read.run.stream = value;
      ++found;
    } else if (name == "group") {
      read.run.group = value;
      ++found;
    } else if (name == "messages") {
      read.messages = whole_number<std::uint64_t>(value).value_or(1);
    } else if (name == "status" || name == "signal") {
      has_status = true;
      read.run.failed = name == "signal" || value != "0";
      read.run.ending = (name == "signal" ? "signal " : "exit ") + std::string(value.substr(0, 10));
    } else if (name == "took_ms") {
      const auto took = whole_number<std::int64_t>(value);
      read.run.took = Millis(std::max<std::int64_t>(took.value_or(0), 0));
      found += took ? 1 : 0;
    } else if (name == "stderr") {
      read.run.said = last_line(value);
    }
  });
  constexpr int kAll = 4;
  if (found < kAll || !has_status) {
    return std::nullopt;
  }
  read.run.ended = io::time_of(entry.id).value_or(UnixMs(0));
  return read;
}

class Reader {
 public:
  Reader(Store& store, const ActivityOptions& options) : store_(store), options_(options) {
    activity_.window = options.window;
  }

  Result<Activity> read() {
    WEIR_ASSIGN(Names all, store_.run(Keys{}));
    const std::vector<std::string>& names = options_.streams.empty() ? all.names : options_.streams;
    wanted_.insert(names.begin(), names.end());
    for (const std::string& name : wanted_) {
      WEIR_TRY(read_stream(name));
    }
    WEIR_TRY(choose_logs(all.names));
    for (const std::string& log : activity_.logs) {
      WEIR_TRY(read_log(log));
    }
    return std::move(activity_);
  }

 private:
  Id first() const { return {static_cast<std::uint64_t>(activity_.window.from.count()), 0}; }

  StreamActivity& rates(const std::string& stream) {
    StreamActivity& found = activity_.rates[stream];
    found.in.resize(activity_.window.steps);
    found.out.resize(activity_.window.steps);
    return found;
  }

  Result<void> read_stream(const std::string& name) {
    WEIR_ASSIGN(auto queue,
                queue_of(store_, name, {.held = true, .held_for = {kStuckAfter}, .oldest = true, .activity = true}));
    if (!queue) {
      return options_.streams.empty() ? Result<void>() : fail(Failure::refused, "there is no stream '" + name + "'");
    }
    queue->stuck = why_stuck(*queue, kStuckAfter, unix_now());
    WEIR_ASSIGN(const auto letter, worker::last_letter(store_, name));
    if (letter) {
      activity_.letters.insert(name);
    }
    StreamActivity& steps = rates(name);
    WEIR_TRY(each_entry(store_, name, first(), kMaxId, [&](const Entry& entry) {
      const auto time = io::time_of(entry.id);
      if (const auto at = time ? activity_.window.at(*time) : std::nullopt) {
        ++steps.in[*at];
      }
    }));
    WEIR_ASSIGN(const bool keeps, keeps_unfinished(store_, name));
    if (keeps) {
      activity_.keeps_unfinished.push_back(name);
    }
    WEIR_TRY(read_letters(name));
    activity_.streams.push_back(std::move(*queue));
    return {};
  }

  Result<void> read_letters(const std::string& name) {
    WEIR_ASSIGN(const std::string letters, worker::dead_letter_stream(store_, name, ""));
    WEIR_ASSIGN(const Count count, store_.run(Xlen{letters}));
    if (count.value == 0) {
      return {};
    }
    activity_.dead[name] = count.value;
    return each_entry(store_, letters, kMinId, kMaxId, [&](const Entry& entry) {
      const auto letter = entry.fields ? worker::read_dead_letter(*entry.fields) : std::nullopt;
      const StreamAndReason key{name, letter ? letter->death.reason : "(no dead letter)"};
      const bool room = activity_.reasons.size() < kMostReasons || activity_.reasons.contains(key);
      ++activity_.reasons[room ? key : StreamAndReason{name, kOther}];
    });
  }

  Result<void> choose_logs(const std::vector<std::string>& names) {
    if (!options_.logs.empty()) {
      activity_.logs = options_.logs;
      return {};
    }
    for (const std::string& name : names) {
      WEIR_ASSIGN(const Entries last, store_.run(Xrange{name, kMinId, kMaxId, true, 1}));
      if (!last.entries.empty() && read_run(last.entries.front())) {
        activity_.logs.push_back(name);
      }
    }
    return {};
  }

  Result<void> read_log(const std::string& log) {
    WEIR_ASSIGN(const Count there, store_.run(Exists{{log}}));
    if (there.value == 0) {
      return fail(Failure::refused, "there is no stream '" + log + "'");
    }
    WEIR_ASSIGN(const StreamInfo info, store_.run(XinfoStream{log}));
    const auto begin = info.first_entry ? io::time_of(info.first_entry->id) : std::nullopt;
    if (begin && *begin > activity_.window.from && info.entries_added > info.length) {
      activity_.cut_logs[log] = *begin;
    }
    return each_entry(store_, log, first(), kMaxId, [&](const Entry& entry) {
      if (auto run = read_run(entry); run && (options_.streams.empty() || wanted_.contains(run->run.stream))) {
        take(std::move(*run));
      }
    });
  }

  void take(LoggedRun logged) {
    Run& run = logged.run;
    const StreamAndGroup key{run.stream, run.group};
    const bool room = activity_.runs.size() < kMostGroups || activity_.runs.contains(key);
    Runs& runs = activity_.runs[room ? key : StreamAndGroup{kOther, kOther}];
    ++runs.count;
    runs.took.add(run.took);
    if (run.failed) {
      ++runs.failed;
      const auto place = std::ranges::lower_bound(activity_.failing, run.ended, std::ranges::greater(), &Run::ended);
      if (place != activity_.failing.end() || activity_.failing.size() < kMostRuns) {
        activity_.failing.insert(place, run);
        activity_.failing.resize(std::min(activity_.failing.size(), kMostRuns));
      }
    } else {
      const auto id = parse_id(run.id);
      if (const auto appended = id ? io::time_of(*id) : std::nullopt; appended && run.ended.count() > 0) {
        runs.done_after.add(std::max(Millis(0), run.ended - *appended));
      }
      const auto at = activity_.window.at(run.ended);
      if (at && (wanted_.contains(run.stream))) {
        rates(run.stream).out[*at] += logged.messages;
      }
    }
    const auto place = std::ranges::upper_bound(activity_.slowest, run.took, std::ranges::greater(), &Run::took);
    if (place != activity_.slowest.end() || activity_.slowest.size() < kMostRuns) {
      activity_.slowest.insert(place, std::move(run));
      activity_.slowest.resize(std::min(activity_.slowest.size(), kMostRuns));
    }
  }

  Store& store_;
  const ActivityOptions& options_;
  Activity activity_;
  std::set<std::string> wanted_;
};

}  // namespace

Result<Activity> activity_of(Store& store, const ActivityOptions& options) {
  return Reader(store, options).read();
}

std::optional<std::size_t> Window::at(UnixMs time) const {
  if (time < from || time >= to()) {
    return std::nullopt;
  }
  return static_cast<std::size_t>((time - from) / step);
}

double Window::per_minute(std::uint64_t count) const {
  return static_cast<double>(count) * 60'000.0 / static_cast<double>(step.count());
}

Window window_up_to(UnixMs now, Millis length) {
  constexpr std::array<int, 13> kMinutes{1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1'440, 10'080, 40'320};
  constexpr Millis::rep kMost = 120;
  const Millis::rep minutes = std::max<Millis::rep>(1, length.count() / 60'000);
  const auto* const fits = std::ranges::find_if(kMinutes, [&](int step) { return minutes <= step * kMost; });
  Window window;
  window.step = std::chrono::minutes(fits == kMinutes.end() ? kMinutes.back() : *fits);
  // The window ends with the present step; its first step is a whole one.
  const Millis::rep last = now / window.step;
  const Millis::rep steps = std::clamp<Millis::rep>((length + window.step - Millis(1)) / window.step, 1, 100 * kMost);
  window.steps = static_cast<std::size_t>(std::min(steps, last));
  window.from = window.step * (last + 1 - static_cast<Millis::rep>(window.steps));
  return window;
}

namespace {

constexpr unsigned kParts = 4;  // each doubling has 16 parts

std::size_t bucket_of(std::uint64_t value) {
  if (value < (1U << kParts)) {
    return value;
  }
  const auto bits = static_cast<unsigned>(std::bit_width(value)) - 1;
  return ((bits - kParts + 1) << kParts) + ((value >> (bits - kParts)) & ((1U << kParts) - 1));
}

std::uint64_t end_of_bucket(std::size_t bucket) {
  if (bucket < (1U << kParts)) {
    return bucket;
  }
  const auto shift = (bucket >> kParts) - 1;
  return ((((1ULL << kParts) + (bucket & ((1U << kParts) - 1))) + 1) << shift) - 1;
}

}  // namespace

void Spread::add(Millis time) {
  ++buckets_[bucket_of(static_cast<std::uint64_t>(time.count()))];
  ++count_;
  most_ = std::max(most_, time);
}

Millis Spread::up_to(double part) const {
  const double nth = std::ceil(part * static_cast<double>(count_));
  std::uint64_t left = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(nth));
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    if (buckets_[bucket] >= left) {
      return std::min(most_, Millis(static_cast<Millis::rep>(end_of_bucket(bucket))));
    }
    left -= buckets_[bucket];
  }
  return most_;
}

}  // namespace weir::report
