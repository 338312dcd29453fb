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

/// How long a failed message waits for its next delivery: `first`, then twice as long each time, up to `most`.
struct Backoff {
  Millis first{1'000};
  Millis most{300'000};
};

/// What a worker says on standard error.
enum class Telling {
  problems,  ///< what went wrong
  quiet,     ///< the same, except for failed messages: those become dead letters or are delivered again
  lines,     ///< also the start, what a signal does, and a summary
};

struct WorkOptions : CommandOptions {
  std::vector<std::string> streams;
  std::string consumer;  ///< empty: HOST-PID. Requires: no other living worker of the group has it.
  bool remove = false;   ///< delete acknowledged messages
  Backoff backoff;
  std::uint64_t max_deliveries = 5;  ///< 0: no limit
  std::optional<Millis> later_wait;  ///< after `later_status`; nothing: as after a failure
  std::uint64_t max_laters = 100;    ///< a message put off for later more often than this has failed
  std::string dead_letter;           ///< empty: see `dead_letter_stream`
  Millis min_idle{60'000};           ///< after so long without a sign of life, others may take a message over
  Millis grace{30'000};              ///< for running commands, after the first signal to stop
  Terms terms;                       ///< which all workers of the group keep together
  bool strict = false;               ///< always read from the first stream that has messages
  Telling telling = Telling::problems;
  bool progress = false;  ///< with `lines`: standard error is a terminal, and progress is shown there
  bool until_empty = false;
  std::optional<std::uint64_t> max_messages;
  std::optional<Millis> max_time;
};

}  // namespace weir::worker
