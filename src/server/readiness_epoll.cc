#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "server/readiness.h"
#include "system/system_reason.h"

namespace weir::server {
namespace {

epoll_event wanted(std::uint64_t token, bool read, bool write) {
  epoll_event event{};
  event.events = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U);
  event.data.u64 = token;
  return event;
}

}  // namespace

Result<Readiness> Readiness::make() {
  Fd fd(epoll_create1(EPOLL_CLOEXEC));
  if (!fd) {
    return fail(Failure::store, std::string("cannot wait for clients: ") + system_reason(errno));
  }
  return Readiness(std::move(fd));
}

bool Readiness::add(int fd, std::uint64_t token, bool read, bool write) const {
  epoll_event event = wanted(token, read, write);
  return epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Readiness::change(int fd, std::uint64_t token, bool read, bool write) const {
  epoll_event event = wanted(token, read, write);
  epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Readiness::remove(int fd) const {
  epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

const std::vector<Readiness::Event>& Readiness::wait(std::chrono::milliseconds timeout) {
  std::array<epoll_event, 512> found;
  const int limit = static_cast<int>(std::min<std::chrono::milliseconds::rep>(timeout.count(), INT_MAX));
  const int count = epoll_wait(fd_.get(), found.data(), static_cast<int>(found.size()), limit);
  events_.clear();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = found[static_cast<std::size_t>(i)];
    events_.push_back({event.data.u64, (event.events & EPOLLIN) != 0, (event.events & (EPOLLHUP | EPOLLERR)) != 0});
  }
  return events_;
}

}  // namespace weir::server
