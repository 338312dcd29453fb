// `work --log`: writes an entry about each run of the command.
#pragma once

#include <optional>
#include <string>

#include "stream/keeping.h"
#include "stream/request.h"
#include "stream/store.h"
#include "system/clock.h"
#include "worker/process/commands.h"

namespace weir::worker {

/// The entry's fields: id, stream, group, consumer, delivery; for a batch also messages (their number); status or
/// signal; started, took_ms; stdout and stderr (the last 4 KiB of each). Unless `LogPolicy` is set, the request also
/// trims the stream to about 10,000 entries. Requires: the command was run.
Xadd run_entry(const std::string& log, const std::string& group, const std::string& consumer, const Ended& ended);

/// Whether `weir keep` decides what the log keeps, instead of `run_entry`. The store must outlive the object. Threads:
/// as the store.
class LogPolicy {
 public:
  LogPolicy(Store& store, std::string log);
  /// Asks the store at most once a second. If the store fails, the last answer holds; before the first answer, a policy
  /// is assumed.
  bool is_set();

 private:
  Keeping* store_;  ///< null: the store has no policies
  std::string log_;
  bool set_ = false;
  std::optional<SteadyTime> asked_;
};

}  // namespace weir::worker
