// What `weir doctor` looks at where the store is a server.
#pragma once

#include <chrono>
#include <string>

#include "doctor/finding.h"

namespace weir::doctor {

/// Connects, asks a few questions and changes nothing. Blocks for each of them as long as `timeout` says. What the
/// server does not tell this user is said to be unknown. Fails with `Failure::usage` for a URL that is wrong; a server
/// that is out of reach is a finding.
Result<void> check_server(const std::string& url, const std::string& password, std::chrono::milliseconds timeout,
                          const Tell& tell);

}  // namespace weir::doctor
