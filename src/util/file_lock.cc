#include "util/file_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace weir {
namespace {

#ifdef F_OFD_SETLK
constexpr int kGet = F_OFD_GETLK;
constexpr int kSet = F_OFD_SETLK;
constexpr int kSetWait = F_OFD_SETLKW;
#else
constexpr int kGet = F_GETLK;
constexpr int kSet = F_SETLK;
constexpr int kSetWait = F_SETLKW;
#endif

struct flock describe(ByteRange range, int type) {
  struct flock lock {};
  lock.l_type = static_cast<short>(type);
  lock.l_whence = SEEK_SET;
  lock.l_start = range.first;
  lock.l_len = range.last - range.first + 1;
  return lock;
}

int type_of(LockKind kind) {
  return kind == LockKind::shared ? F_RDLCK : F_WRLCK;
}

/// Ends a blocking call with EINTR at a moment, and again and again after it: a signal that comes just before
/// the call blocks must not be the last one.
class Alarm {
 public:
  explicit Alarm(std::chrono::milliseconds after) {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, &old_action_);
    constexpr int kAgainMs = 10;
    itimerval timer{};
    const auto ms = std::max<std::int64_t>(after.count(), 1);
    timer.it_value.tv_sec = static_cast<time_t>(ms / 1000);
    timer.it_value.tv_usec = static_cast<suseconds_t>(ms % 1000 * 1000);
    timer.it_interval.tv_usec = kAgainMs * 1000;
    setitimer(ITIMER_REAL, &timer, &old_timer_);
  }
  ~Alarm() {
    const itimerval none{};
    setitimer(ITIMER_REAL, &none, nullptr);
    sigaction(SIGALRM, &old_action_, nullptr);
    setitimer(ITIMER_REAL, &old_timer_, nullptr);
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  struct sigaction old_action_ {};
  itimerval old_timer_{};
};

}  // namespace

bool try_lock(int fd, ByteRange range, LockKind kind) {
  struct flock lock = describe(range, type_of(kind));
  int status = 0;
  do {
    status = fcntl(fd, kSet, &lock);
  } while (status != 0 && errno == EINTR);
  return status == 0;
}

LockOutcome lock(int fd, ByteRange range, LockKind kind, const Deadline& deadline) {
  if (try_lock(fd, range, kind)) {
    return LockOutcome::taken;
  }
  if (errno != EAGAIN && errno != EACCES) {
    return LockOutcome::failed;
  }
  if (deadline.passed()) {
    return LockOutcome::timed_out;
  }
  constexpr std::chrono::hours kLongest{24};
  const Alarm alarm(deadline.left(kLongest));
  while (true) {
    struct flock wanted = describe(range, type_of(kind));
    if (fcntl(fd, kSetWait, &wanted) == 0) {
      return LockOutcome::taken;
    }
    if (errno != EINTR) {
      return LockOutcome::failed;
    }
    if (deadline.passed()) {
      return LockOutcome::timed_out;
    }
  }
}

bool lock_until_signal(int fd, ByteRange range, LockKind kind) {
  struct flock wanted = describe(range, type_of(kind));
  return fcntl(fd, kSetWait, &wanted) == 0;
}

void unlock(int fd, ByteRange range) {
  struct flock lock = describe(range, F_UNLCK);
  fcntl(fd, kSet, &lock);
}

std::optional<std::int64_t> locked_by_others(int fd, ByteRange range) {
  struct flock lock = describe(range, F_WRLCK);
  if (fcntl(fd, kGet, &lock) != 0 || lock.l_type == F_UNLCK) {
    return std::nullopt;
  }
  return lock.l_start;
}

}  // namespace weir
