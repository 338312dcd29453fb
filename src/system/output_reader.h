// Whether what is written to a descriptor still finds a reader. `watch_reader` has an implementation for each system,
// chosen by the build: output_reader_epoll.cc (Linux), output_reader_none.cc (others).
#pragma once

#include "system/fd.h"

namespace weir {

/// Why nothing that is written to `fd` would arrive: EBADF, it is not open for writing; EPIPE, it is a pipe or a socket
/// whose reader is gone. 0: it may arrive. Does not wait.
int why_unwritable(int fd);

/// A descriptor that poll() finds readable once the reader of `fd` is gone. Empty where that cannot be told: `fd` is
/// neither a pipe nor a socket, or the system cannot watch it.
Fd watch_reader(int fd);

}  // namespace weir
