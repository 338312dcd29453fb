// A pipe whose ends no child inherits by accident.
#pragma once

#include "system/fd.h"

namespace weir {

struct Pipe {
  Fd read;
  Fd write;
};

/// Both ends close on exec. Empty if the system has none left (errno says why).
Pipe make_pipe();

/// Makes reads and writes of the open file nonblocking, also for other processes that share it. Does nothing if the
/// system refuses.
void set_nonblocking(int fd);

}  // namespace weir
