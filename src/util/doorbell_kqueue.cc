#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>

#include "util/doorbell.h"

namespace weir {

Doorbell::Doorbell(int fd, const char*) : fd_(kqueue()) {
  if (!fd_) {
    return;
  }
  fcntl(fd_.get(), F_SETFD, FD_CLOEXEC);
  struct kevent change;
  EV_SET(&change, static_cast<uintptr_t>(fd), EVFILT_VNODE, EV_ADD | EV_CLEAR, NOTE_WRITE, 0, nullptr);
  if (kevent(fd_.get(), &change, 1, nullptr, 0, nullptr) < 0) {
    fd_.reset();
  }
}

void Doorbell::clear() {
  struct kevent events[8];
  const timespec now{};
  while (fd_ && kevent(fd_.get(), nullptr, 0, events, 8, &now) > 0) {
  }
}

}  // namespace weir
