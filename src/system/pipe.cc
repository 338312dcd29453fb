#include "system/pipe.h"

#include <fcntl.h>

namespace weir {

Pipe make_pipe() {
  int ends[2];
#if defined(__APPLE__)
  if (::pipe(ends) != 0) {
    return {};
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
#else
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return {};
  }
#endif
  return {Fd(ends[0]), Fd(ends[1])};
}

void set_nonblocking(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

}  // namespace weir
