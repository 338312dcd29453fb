// Strings as redis-cli shows them on a terminal and reads them.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Appends the string in double quotes; everything but printable ASCII is escaped.
void append_quoted(std::string& out, std::string_view bytes);

}  // namespace weir
