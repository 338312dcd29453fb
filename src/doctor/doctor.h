// `weir doctor`: whether a store, and what is around it, is such that weir can keep its promises.
//
// Nothing is changed, migrated or left behind. What cannot be looked at is passed over where another finding says why.
// Threads: one at a time; a child process is started for a moment, which inherits nothing that it could hold up.
#pragma once

#include <chrono>
#include <string>

#include "doctor/finding.h"

namespace weir::doctor {

/// Looks at the file that is, or would be, the database. Blocks for as long as the file system does, and for the syncs
/// that are measured, up to three seconds of them. Fails with `Failure::usage` where `name` names no file.
Result<void> examine_file(const std::string& name, const Tell& tell);

/// See server.h.
Result<void> examine_server(const std::string& url, const std::string& password, std::chrono::milliseconds timeout,
                            const Tell& tell);

}  // namespace weir::doctor
