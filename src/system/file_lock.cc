#include "system/file_lock.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace weir {
namespace {

#ifdef F_OFD_SETLK
constexpr int kGet = F_OFD_GETLK;
constexpr int kSet = F_OFD_SETLK;
#else
constexpr int kGet = F_GETLK;
constexpr int kSet = F_SETLK;
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
  // Only a signal could end a wait in the kernel, and signals belong to the program, not to us.
  constexpr std::chrono::milliseconds kFirst{1};
  constexpr std::chrono::milliseconds kLongest{20};
  for (auto pause = kFirst; !try_lock(fd, range, kind); pause = std::min(2 * pause, kLongest)) {
    if (errno != EAGAIN && errno != EACCES) {
      return LockOutcome::failed;
    }
    if (deadline.passed()) {
      return LockOutcome::timed_out;
    }
    poll(nullptr, 0, static_cast<int>(deadline.left(pause).count()));
  }
  return LockOutcome::taken;
}

void unlock(int fd, ByteRange range) {
  struct flock lock = describe(range, F_UNLCK);
  fcntl(fd, kSet, &lock);
}

std::optional<ByteRange> locked_by_others(int fd, ByteRange range) {
  struct flock lock = describe(range, F_WRLCK);
  if (fcntl(fd, kGet, &lock) != 0 || lock.l_type == F_UNLCK) {
    return std::nullopt;
  }
  return ByteRange{lock.l_start, lock.l_len == 0 ? INT64_MAX : lock.l_start + lock.l_len - 1};
}

}  // namespace weir
