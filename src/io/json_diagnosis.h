// Tells people where and why a line is not JSON. Slower than the parser, and independent of it.
#pragma once

#include <optional>
#include <string_view>

#include "io/json_lines.h"

namespace weir::io {

/// The greatest depth of nested objects and arrays.
inline constexpr std::size_t kMaxJsonDepth = 1000;

/// Checks strictly by RFC 8259. Nothing: `text` is one JSON value, perhaps with white space around it.
std::optional<LineError> diagnose_json(std::string_view text);

}  // namespace weir::io
