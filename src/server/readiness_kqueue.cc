// Tried: compiled with the headers of macOS; and run on Linux with the tests of `weir serve`, on an imitation of kqueue
// made from epoll. Not tried: macOS and BSD themselves.
#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <climits>

#include "server/readiness.h"
#include "system/system_reason.h"

namespace weir::server {
namespace {

static_assert(sizeof(void*) >= sizeof(std::uint64_t), "a token has to fit into what kqueue keeps of an event");

struct kevent as_event(int fd, std::uint64_t token, decltype(EVFILT_READ) filter, int flags) {
  struct kevent event {};
  event.ident = static_cast<decltype(event.ident)>(fd);
  event.filter = static_cast<decltype(event.filter)>(filter);
  event.flags = static_cast<decltype(event.flags)>(flags);
  event.udata = std::bit_cast<void*>(token);
  return event;
}

bool tell(const Fd& queue, const struct kevent& event) {
  return ::kevent(queue.get(), &event, 1, nullptr, 0, nullptr) == 0;
}

/// An unwanted filter is switched off and not deleted: a filter that does not exist could not be switched off.
int flags_of(bool wanted) {
  return EV_ADD | (wanted ? EV_ENABLE : EV_DISABLE);
}

}  // namespace

Result<Readiness> Readiness::make() {
  Fd fd(::kqueue());
  if (!fd || ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) {
    return fail(Failure::store, std::string("cannot wait for clients: ") + system_reason(errno));
  }
  return Readiness(std::move(fd));
}

// The reading end of a pipe accepts no filter for writing.
bool Readiness::add(int fd, std::uint64_t token, bool read, bool write) const {
  return (!read || tell(fd_, as_event(fd, token, EVFILT_READ, flags_of(true)))) &&
         (!write || tell(fd_, as_event(fd, token, EVFILT_WRITE, flags_of(true))));
}

void Readiness::change(int fd, std::uint64_t token, bool read, bool write) const {
  tell(fd_, as_event(fd, token, EVFILT_READ, flags_of(read)));
  tell(fd_, as_event(fd, token, EVFILT_WRITE, flags_of(write)));
}

void Readiness::remove(int fd) const {
  tell(fd_, as_event(fd, 0, EVFILT_READ, EV_DELETE));
  tell(fd_, as_event(fd, 0, EVFILT_WRITE, EV_DELETE));
}

// A descriptor that is both readable and writable gives two events. EOF of the reading filter, without an error, says
// only that no more comes: a client that has shut down its sending side still waits for answers.
const std::vector<Readiness::Event>& Readiness::wait(std::chrono::milliseconds timeout) {
  std::array<struct kevent, 512> found;
  const auto most = std::min<std::chrono::milliseconds::rep>(timeout.count(), INT_MAX);
  timespec limit{};
  limit.tv_sec = static_cast<time_t>(most / 1000);
  limit.tv_nsec = static_cast<long>(most % 1000 * 1'000'000);
  const int count =
      ::kevent(fd_.get(), nullptr, 0, found.data(), static_cast<int>(found.size()), most < 0 ? nullptr : &limit);
  events_.clear();
  for (int i = 0; i < count; ++i) {
    const struct kevent& event = found[static_cast<std::size_t>(i)];
    const bool reads = event.filter == EVFILT_READ;
    const bool ended = (event.flags & EV_EOF) != 0;
    events_.push_back({.token = std::bit_cast<std::uint64_t>(event.udata),
                       .readable = reads,
                       .hung_up = ended && (!reads || event.fflags != 0)});
  }
  return events_;
}

}  // namespace weir::server
