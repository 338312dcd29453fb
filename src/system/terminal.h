// Questions about a terminal.
#pragma once

#include <cstddef>
#include <optional>

namespace weir {

/// The width of the terminal; nothing if `fd` is no terminal, or does not tell.
std::optional<std::size_t> terminal_columns(int fd);

/// Whether this process is in the terminal's foreground. A background job should not write: it would overwrite other
/// output.
bool is_in_foreground(int fd);

}  // namespace weir
