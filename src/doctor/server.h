// The checks of `weir doctor` for a store that is a server.
#pragma once

#include <chrono>
#include <string>

#include "doctor/finding.h"

namespace weir::doctor {

/// Connects, asks a few questions and changes nothing. Blocks up to `timeout` for each question. A fact that the server
/// does not tell this user is reported as unknown. Fails with `Failure::usage` if the URL is wrong; an unreachable
/// server is a finding.
Result<void> check_server(const std::string& url, const std::string& password, std::chrono::milliseconds timeout,
                          const Tell& tell);

}  // namespace weir::doctor
