// `work --log`: an entry about each run of the command.
#pragma once

#include <optional>
#include <string>

#include "stream/keeping.h"
#include "stream/request.h"
#include "stream/store.h"
#include "system/clock.h"
#include "worker/process/commands.h"

namespace weir::worker {

/// Fields: id, stream, group, consumer, delivery; for a batch also messages, how many; status, or signal; started,
/// took_ms; stdout and stderr, the last 4 KiB of each. The stream keeps 10,000 entries, a few more at
/// times, if there is no `LogPolicy`.
/// Requires: it was run.
Xadd run_entry(const std::string& log, const std::string& group, const std::string& consumer, const Ended& ended);

/// Whether `weir keep` says what the log keeps, and not `run_entry`. Threads: as its store, which must outlive it.
class LogPolicy {
 public:
  LogPolicy(Store& store, std::string log);
  /// Asks the store, at most once a second; where it does not answer, what it said last holds. Until it has
  /// answered, there may be one.
  bool is_set();

 private:
  Keeping* store_;  ///< null: it has no policies
  std::string log_;
  bool set_ = false;
  std::optional<SteadyTime> asked_;
};

}  // namespace weir::worker
