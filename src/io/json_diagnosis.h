// Why a line is not JSON: the place and a reason for people. Slow beside the parser, and independent of it.
#pragma once

#include <optional>
#include <string_view>

#include "io/json_lines.h"

namespace weir::io {

/// Objects and arrays may stand so deep within each other.
inline constexpr std::size_t kMaxJsonDepth = 1000;

/// Strict RFC 8259. Nothing if `text` is one JSON value, white space around it allowed.
std::optional<LineError> diagnose_json(std::string_view text);

}  // namespace weir::io
