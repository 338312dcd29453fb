// Small things about text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// ASCII only, as Redis compares keywords.
bool same_word(std::string_view a, std::string_view b);
std::string lower(std::string_view text);
std::string upper(std::string_view text);

/// A signed 64-bit integer as Redis reads one: no spaces, no plus sign, no leading zeros.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// How many characters must be added, dropped, changed or swapped with their neighbour to make `a` of `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace weir
