#include <sys/inotify.h>

#include "util/doorbell.h"

namespace weir {

Doorbell::Doorbell(int, const char* path) : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (fd_ && inotify_add_watch(fd_.get(), path, IN_MODIFY) < 0) {
    fd_.reset();
  }
}

void Doorbell::clear() {
  alignas(inotify_event) char events[4096];
  while (fd_ && read(fd_.get(), events, sizeof events) > 0) {
  }
}

}  // namespace weir
