// "Did you mean …?"
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::cli {

/// What `word` is most likely meant for, as text: "xadd", "dead ls or dead show". Up to three candidates that begin
/// with it; else those that have it as a part, between hyphens or spaces; else the one that a slip of the pen has made
/// it of. Empty: no candidate is close. An option's dashes do not count.
std::string suggest(std::string_view word, std::span<const std::string_view> candidates);

/// The command that somebody means who knows another tool: `ls` for `list`, `xadd` for `push`.
std::optional<std::string_view> suggest_for_habit(std::string_view word);

/// Likewise an option, of those that there are: `--jobs` for `--concurrency`.
std::optional<std::string_view> suggest_option_for_habit(std::string_view option,
                                                         std::span<const std::string_view> options);

}  // namespace weir::cli
