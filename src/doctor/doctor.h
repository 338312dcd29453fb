// `weir doctor`: checks whether a store and its surroundings let weir keep its promises.
//
// Nothing is changed, migrated or left behind. A check that is not possible is skipped if another finding says why.
// Threads: one at a time. A child process runs for a moment, and inherits no lock or pipe that it could hold up.
#pragma once

#include <chrono>
#include <string>

#include "doctor/finding.h"

namespace weir::doctor {

/// Examines the file that is, or would be, the database. Blocks as long as the file system does, and up to three
/// seconds for the measured syncs. Fails with `Failure::usage` if `name` names no file.
Result<void> examine_file(const std::string& name, const Tell& tell);

/// See server.h.
Result<void> examine_server(const std::string& url, const std::string& password, std::chrono::milliseconds timeout,
                            const Tell& tell);

}  // namespace weir::doctor
