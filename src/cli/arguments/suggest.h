// "Did you mean …?"
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace weir::cli {

/// The candidate that `word` is most likely a slip for, if one is close.
std::optional<std::string_view> suggest(std::string_view word, std::span<const std::string_view> candidates);

/// What somebody means who knows another tool: `list` for `ls`, `push` for `xadd`.
std::optional<std::string_view> suggest_for_habit(std::string_view word);

}  // namespace weir::cli
