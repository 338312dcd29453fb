// The terminal that a descriptor is.
#pragma once

#include <cstddef>
#include <optional>

namespace weir {

/// How wide it is; nothing where it is none, or does not say.
std::optional<std::size_t> terminal_columns(int fd);

/// Whether this process may write to it now: a job in the background would write over what others do.
bool is_in_foreground(int fd);

}  // namespace weir
