// Whether output written to a descriptor still has a reader. `watch_reader` has an implementation for each system,
// chosen by the build: output_reader_epoll.cc (Linux), output_reader_none.cc (others).
#pragma once

#include "system/fd.h"

namespace weir {

/// Why output to `fd` would not arrive: EBADF, `fd` is not open for writing; EPIPE, `fd` is a pipe or a socket whose
/// reader is gone. 0: output may arrive. Does not wait.
int why_unwritable(int fd);

/// A descriptor that poll() finds readable once the reader of `fd` is gone, or `also` (-1: none) is readable. Empty if
/// that cannot be found out: `fd` is neither a pipe nor a socket, or the system cannot watch it, or both.
Fd watch_reader(int fd, int also);

}  // namespace weir
