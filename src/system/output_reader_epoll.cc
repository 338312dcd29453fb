// The caller polls with POLLIN, which on a socket also reports data from the other end. So `fd` is watched by an epoll
// descriptor that asks for no event: epoll still reports errors and hang-ups, and then is itself readable.
#include <sys/epoll.h>
#include <sys/stat.h>

#include "system/output_reader.h"

namespace weir {

Fd watch_reader(int fd, int also) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))) {
    return {};
  }
  Fd watch(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event nothing{};
  if (!watch || ::epoll_ctl(watch.get(), EPOLL_CTL_ADD, fd, &nothing) != 0) {
    return {};
  }
  epoll_event readable{};
  readable.events = EPOLLIN;
  if (also >= 0 && ::epoll_ctl(watch.get(), EPOLL_CTL_ADD, also, &readable) != 0) {
    return {};
  }
  return watch;
}

}  // namespace weir
