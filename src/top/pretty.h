// JSON as people read it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::top {

/// An object or array in several lines, indented, each token as it was; nothing: it is none, or nested too deeply.
std::optional<std::string> pretty_json(std::string_view text);

}  // namespace weir::top
