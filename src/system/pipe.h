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

/// What cannot be set so stays as it is. It is so for all who share the open file, in other processes too.
void set_nonblocking(int fd);

}  // namespace weir
