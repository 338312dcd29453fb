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

void set_nonblocking(int fd);

}  // namespace weir
