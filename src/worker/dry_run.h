// `work --dry-run`: shows the commands that would be run, and takes nothing.
#pragma once

#include <functional>
#include <string>

#include "stream/store.h"
#include "worker/options.h"

namespace weir::worker {

/// Calls `show` with each command, written as a shell would accept it: first the messages that are due again, then the
/// new ones, stream by stream. Calls `wrong` with a line about each message that does not fit the command. Returns the
/// exit status: 0, or 1 if there is no message. Asks the store, and does not wait.
Result<int> dry_run(Store& store, const WorkOptions& options,
                    const std::function<Result<void>(const std::string&)>& show,
                    const std::function<void(const std::string&)>& wrong);

}  // namespace weir::worker
