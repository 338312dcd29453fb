// What was going on in a span of time: what came in, what runs there were, what was given up.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "report/queued.h"

namespace weir::report {

/// A span of time in equal steps of whole minutes.
struct Window {
  UnixMs from{0};
  Millis step{60'000};
  std::size_t steps = 1;

  UnixMs to() const { return from + step * static_cast<Millis::rep>(steps); }
  /// Nothing: it is outside.
  std::optional<std::size_t> at(UnixMs time) const;
  double per_minute(std::uint64_t count) const;
};

/// Some 24 hours, or whatever it is, up to now, in at most about 120 steps.
Window window_up_to(UnixMs now, Millis length);

/// How durations are spread, to about 6 %, in constant memory.
class Spread {
 public:
  void add(Millis time);
  std::uint64_t count() const { return count_; }
  Millis most() const { return most_; }
  /// What so large a part of them does not exceed. Requires: there are some, and it is from 0 to 1.
  Millis up_to(double part) const;

 private:
  std::array<std::uint32_t, 1024> buckets_{};
  std::uint64_t count_ = 0;
  Millis most_{0};
};

struct Run {
  std::string stream;
  std::string group;
  std::string id;  ///< of the message
  UnixMs ended{0};
  Millis took{0};
  std::string ending;  ///< "exit 1", "signal 9"
  std::string said;    ///< the last line of its standard error
  bool failed = false;
};

/// The runs of a group's command.
struct Runs {
  std::uint64_t count = 0;
  std::uint64_t failed = 0;
  Spread took;
  Spread done_after;  ///< from when a message was appended to when it was acknowledged
};

struct StreamActivity {
  std::vector<std::uint64_t> in;   ///< messages in each step
  std::vector<std::uint64_t> out;  ///< acknowledged
};

using StreamAndGroup = std::pair<std::string, std::string>;
using StreamAndReason = std::pair<std::string, std::string>;

struct Activity {
  Window window;
  std::vector<StreamQueue> streams;           ///< with why they are stuck
  std::map<std::string, std::uint64_t> dead;  ///< of each stream
  std::map<std::string, StreamActivity> rates;
  std::map<StreamAndGroup, Runs> runs;
  std::vector<Run> slowest;                          ///< the slowest first
  std::vector<Run> failing;                          ///< the newest first
  std::map<StreamAndReason, std::uint64_t> reasons;  ///< dead letters
  std::vector<std::string> keeps_unfinished;         ///< streams with the policy `keep --acked`
  std::vector<std::string> logs;                     ///< run logs that were read
  std::map<std::string, UnixMs> cut_logs;  ///< of those the ones without all runs of this time: when they begin
  std::set<std::string> letters;           ///< streams of dead letters
};

struct ActivityOptions {
  std::vector<std::string> streams;  ///< none: all
  std::vector<std::string> logs;     ///< run logs; none: those that are recognised
  Window window;
};

/// Reads in pages, and keeps figures only. Fails with `Failure::refused` where a stream or a log is not there.
Result<Activity> activity_of(Store& store, const ActivityOptions& options);

}  // namespace weir::report
