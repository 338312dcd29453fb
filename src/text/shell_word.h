// A word for a shell.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// As any shell takes it: as it stands where nothing in it means anything there, else between single quotes. What is in
/// it stays as it is: it may still be more than one line, or mean something to a terminal.
std::string shell_word(std::string_view text);

}  // namespace weir
