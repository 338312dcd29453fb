// `work --dry-run`: the commands that would be run, without taking anything.
#pragma once

#include <functional>
#include <string>

#include "stream/store.h"
#include "worker/options.h"

namespace weir::worker {

/// Calls `show` with each command, as a line that a shell would take for it: what waits and is due, then what is new,
/// stream by stream. `wrong` is called with what is to be told of a message that does not fit the command. The answer
/// is the exit status: 0, or 1 if there is nothing. Asks the store, and does not wait.
Result<int> dry_run(Store& store, const WorkOptions& options,
                    const std::function<Result<void>(const std::string&)>& show,
                    const std::function<void(const std::string&)>& wrong);

}  // namespace weir::worker
