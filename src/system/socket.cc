#include "system/socket.h"

#include <poll.h>

namespace weir {

bool send_without_signal([[maybe_unused]] int fd) {
#ifdef SO_NOSIGPIPE
  const int on = 1;
  return ::setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) == 0;
#else
  return true;
#endif
}

#ifdef POLLRDHUP

bool other_end_has_closed(int fd) {
  pollfd asked{fd, POLLRDHUP, 0};
  return ::poll(&asked, 1, 0) > 0 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

#else

// If asked for POLLHUP, macOS reports it once the other end sends no more. BSD reports it, even unasked, but only once
// nothing can be sent to that end either.
bool other_end_has_closed(int fd) {
  pollfd asked{fd, POLLHUP, 0};
  if (::poll(&asked, 1, 0) > 0 && (asked.revents & (POLLHUP | POLLERR)) != 0) {
    return true;
  }
  char next = 0;
  return ::recv(fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

#endif

}  // namespace weir
