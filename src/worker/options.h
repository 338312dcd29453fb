// What `weir work` is asked to do, already checked for form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stream/rationing.h"
#include "stream/request.h"
#include "worker/process/command_options.h"

namespace weir::worker {

/// How long a message that failed waits for its next delivery: `first`, then double each time, up to `most`.
struct Backoff {
  Millis first{1'000};
  Millis most{300'000};
};

/// What a worker says on standard error.
enum class Telling {
  problems,  ///< what went wrong
  quiet,     ///< of that, nothing about messages that failed: those are dead letters, or delivered again
  lines,     ///< also that it begins, what a signal does, and a summary
};

struct WorkOptions : CommandOptions {
  std::vector<std::string> streams;
  std::string consumer;  ///< empty: HOST-PID. Requires: no other living worker of the group has it.
  bool remove = false;   ///< delete what was acknowledged
  Backoff backoff;
  std::uint64_t max_deliveries = 5;  ///< 0: for ever
  std::optional<Millis> later_wait;  ///< after `later_status`; nothing: as after a failure
  std::uint64_t max_laters = 100;    ///< what is for later more often than that has failed
  std::string dead_letter;           ///< empty: see `dead_letter_stream`
  Millis min_idle{60'000};           ///< others may take a message over after so long without a sign of life
  Millis grace{30'000};              ///< for what runs, after the first signal to stop
  Terms terms;                       ///< that hold for all workers of the group together
  bool strict = false;               ///< always from the first stream that has something
  Telling telling = Telling::problems;
  bool progress = false;  ///< with `lines`: standard error is a terminal that may be shown how it goes
  bool until_empty = false;
  std::optional<std::uint64_t> max_messages;
  std::optional<Millis> max_time;
};

}  // namespace weir::worker
