// poll() cannot be asked to tell of a socket's other end alone where the question is POLLIN: data may come from there.
// epoll can be asked for nothing, tells of errors and hang-ups all the same, and is itself readable when it does.
#include <sys/epoll.h>
#include <sys/stat.h>

#include "system/output_reader.h"

namespace weir {

Fd watch_reader(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))) {
    return {};
  }
  Fd watch(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event nothing{};
  if (!watch || ::epoll_ctl(watch.get(), EPOLL_CTL_ADD, fd, &nothing) != 0) {
    return {};
  }
  return watch;
}

}  // namespace weir
