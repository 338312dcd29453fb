// JSON for people to read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::top {

/// An object or array on several lines, indented, with unchanged tokens. Nothing: the text is no such JSON, or nested
/// too deeply.
std::optional<std::string> pretty_json(std::string_view text);

}  // namespace weir::top
