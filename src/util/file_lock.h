// Advisory locks on byte ranges of a file, which the kernel gives up when their holder dies.
//
// Where the system has them these are locks of the open file description (Linux, `F_OFD_SETLK`), else
// POSIX locks of the process. The latter are dropped when the process closes *any* descriptor of the file,
// so a locked file must be opened once in a process.
#pragma once

#include <cstdint>
#include <optional>

#include "util/clock.h"

namespace weir {

struct ByteRange {
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< inclusive
};

enum class LockKind { shared, exclusive };

enum class LockOutcome { taken, timed_out, failed };  ///< failed: errno says why

/// Takes the lock if nobody is in the way.
bool try_lock(int fd, ByteRange range, LockKind kind);

/// Waits for the lock in the kernel, which serves waiters in their order.
/// While it has to wait it uses SIGALRM and the process's real-time interval timer, and puts both back.
LockOutcome lock(int fd, ByteRange range, LockKind kind, const Deadline& deadline);

/// Waits for the lock as long as it takes, or until a signal with a handler arrives (then false).
bool lock_until_signal(int fd, ByteRange range, LockKind kind);

void unlock(int fd, ByteRange range);

/// Whether a lock of somebody else is in the way of an exclusive one: where the first such lock begins.
std::optional<std::int64_t> locked_by_others(int fd, ByteRange range);

}  // namespace weir
