#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>

#include <array>
#include <cerrno>

#include "system/system_reason.h"
#include "worker/process/poller.h"

namespace weir::worker {
namespace {

bool change(int poller, int fd, short filter, unsigned short flags) {
  struct kevent event;
  EV_SET(&event, fd, filter, flags, 0, 0, nullptr);
  return kevent(poller, &event, 1, nullptr, 0, nullptr) == 0;
}

}  // namespace

Result<Poller> Poller::make() {
  Fd fd(kqueue());
  if (!fd || fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) {
    return fail(Failure::store, std::string("cannot wait for commands: ") + system_reason(errno));
  }
  return Poller(std::move(fd));
}

bool Poller::watch_reading(int fd) const {
  return change(fd_.get(), fd, EVFILT_READ, EV_ADD);
}

bool Poller::watch_writing(int fd) const {
  return change(fd_.get(), fd, EVFILT_WRITE, EV_ADD);
}

void Poller::unwatch(int fd) const {
  change(fd_.get(), fd, EVFILT_READ, EV_DELETE);
  change(fd_.get(), fd, EVFILT_WRITE, EV_DELETE);
}

void Poller::wait(std::chrono::milliseconds timeout, std::vector<int>& ready) const {
  std::array<struct kevent, 64> events;
  timespec limit{};
  limit.tv_sec = static_cast<time_t>(timeout.count() / 1000);
  limit.tv_nsec = static_cast<long>(timeout.count() % 1000 * 1'000'000);
  const int count = kevent(fd_.get(), nullptr, 0, events.data(), static_cast<int>(events.size()),
                           timeout.count() < 0 ? nullptr : &limit);
  for (int i = 0; i < count; ++i) {
    ready.push_back(static_cast<int>(events[static_cast<std::size_t>(i)].ident));
  }
}

}  // namespace weir::worker
