// Comparing words exactly and approximately; lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// Whether both are the same apart from the case of ASCII letters, as Redis compares keywords.
bool same_word(std::string_view a, std::string_view b);
/// Changes ASCII letters only.
std::string lower(std::string_view text);
std::string upper(std::string_view text);

/// The last line of a text, without its line end. Empty lines at the end do not count.
std::string last_line(std::string_view text);

/// How many characters must be added, dropped, changed or swapped with their neighbour to turn `b` into `a`.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace weir
