// `work --log`: an entry about each run of the command.
#pragma once

#include <string>

#include "stream/request.h"
#include "worker/process/commands.h"

namespace weir::worker {

/// Fields: id, stream, group, consumer, delivery; for a batch also messages, how many; status, or signal; started,
/// took_ms; stdout and stderr, the last 4 KiB of each. The stream keeps 10,000 entries, a few more at times.
/// Requires: it was run.
Xadd run_entry(const std::string& log, const std::string& group, const std::string& consumer, const Ended& ended);

}  // namespace weir::worker
