// Words: what is the same, and what is nearly so. Lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// Whether they are the same but for the case of ASCII letters, as Redis compares keywords.
bool same_word(std::string_view a, std::string_view b);
/// ASCII letters only; all other bytes stay.
std::string lower(std::string_view text);
std::string upper(std::string_view text);

/// The last line of a text, without its end; empty ones after it do not count.
std::string last_line(std::string_view text);

/// How many characters must be added, dropped, changed or swapped with their neighbour to make `a` of `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace weir
