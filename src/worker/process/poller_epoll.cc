#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "system/system_reason.h"
#include "worker/process/poller.h"

namespace weir::worker {
namespace {

bool watch(int poller, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Result<Poller> Poller::make() {
  Fd fd(epoll_create1(EPOLL_CLOEXEC));
  if (!fd) {
    return fail(Failure::store, std::string("cannot wait for commands: ") + system_reason(errno));
  }
  return Poller(std::move(fd));
}

bool Poller::watch_reading(int fd) const {
  return watch(fd_.get(), fd, EPOLLIN);
}

bool Poller::watch_writing(int fd) const {
  return watch(fd_.get(), fd, EPOLLOUT);
}

void Poller::unwatch(int fd) const {
  epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::wait(std::chrono::milliseconds timeout, std::vector<int>& ready) const {
  std::array<epoll_event, 64> events;
  const int limit = static_cast<int>(std::min<std::chrono::milliseconds::rep>(timeout.count(), INT_MAX));
  const int count = epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()), limit);
  for (int i = 0; i < count; ++i) {
    ready.push_back(events[static_cast<std::size_t>(i)].data.fd);
  }
}

}  // namespace weir::worker
