// A string as redis-cli shows it on a terminal, and reads it.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Appends it in double quotes, with all that is not printable ASCII escaped.
void append_quoted(std::string& out, std::string_view bytes);

}  // namespace weir
