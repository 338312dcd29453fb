// "Did you mean …?"
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::cli {

/// The most likely meaning of `word`, as text: "xadd", "dead ls or dead show". Up to three candidates that begin with
/// the word; else those that contain it between hyphens or spaces; else the one from which a typing mistake could have
/// made it. Empty: no candidate is close. The dashes of an option do not count.
std::string suggest(std::string_view word, std::span<const std::string_view> candidates);

/// The command that a user of another tool means: `ls` for `list`, `xadd` for `push`.
std::optional<std::string_view> suggest_for_habit(std::string_view word);

/// The option that a user of another tool means, if it is among `options`: `--jobs` for `--concurrency`.
std::optional<std::string_view> suggest_option_for_habit(std::string_view option,
                                                         std::span<const std::string_view> options);

}  // namespace weir::cli
