// What went on in a span of time: messages that came in, runs of commands, and messages that became dead letters.
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
  /// The step of a time; nothing: the time is outside.
  std::optional<std::size_t> at(UnixMs time) const;
  double per_minute(std::uint64_t count) const;
};

/// The window of this length (24 hours, for example) up to now, in at most about 120 steps.
Window window_up_to(UnixMs now, Millis length);

/// The distribution of durations, exact to about 6 %, in constant memory.
class Spread {
 public:
  void add(Millis time);
  std::uint64_t count() const { return count_; }
  Millis most() const { return most_; }
  /// The duration that this part of all durations does not exceed. Requires: there are durations, and `part` is from 0
  /// to 1.
  Millis up_to(double part) const;

 private:
  std::array<std::uint32_t, 1024> buckets_{};
  std::uint64_t count_ = 0;
  Millis most_{0};
};

struct Run {
  std::string stream;
  std::string group;
  std::string id;  ///< the message's ID
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
  Spread done_after;  ///< times from appending a message to the end of the run that did it
};

struct StreamActivity {
  std::vector<std::uint64_t> in;   ///< messages in each step
  std::vector<std::uint64_t> out;  ///< messages acknowledged in each step
};

using StreamAndGroup = std::pair<std::string, std::string>;
using StreamAndReason = std::pair<std::string, std::string>;

struct Activity {
  Window window;
  std::vector<StreamQueue> streams;           ///< with the reasons why streams are stuck
  std::map<std::string, std::uint64_t> dead;  ///< dead letters of each stream
  std::map<std::string, StreamActivity> rates;
  std::map<StreamAndGroup, Runs> runs;
  std::vector<Run> slowest;                          ///< slowest first
  std::vector<Run> failing;                          ///< newest first
  std::map<StreamAndReason, std::uint64_t> reasons;  ///< numbers of dead letters
  std::vector<std::string> keeps_unfinished;         ///< streams with the policy `keep --acked`
  std::vector<std::string> logs;                     ///< run logs that were read
  std::map<std::string, UnixMs> cut_logs;            ///< run logs that lack runs of this time, and when they begin
  std::set<std::string> letters;                     ///< streams of dead letters
};

struct ActivityOptions {
  std::vector<std::string> streams;  ///< none: all streams
  std::vector<std::string> logs;     ///< run logs; none: those that can be recognised
  Window window;
};

/// Reads in pages, and keeps only numbers. Fails with `Failure::refused` if a stream or a log does not exist.
Result<Activity> activity_of(Store& store, const ActivityOptions& options);

}  // namespace weir::report
