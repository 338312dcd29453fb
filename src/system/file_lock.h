// Advisory locks on byte ranges of a file, which the kernel gives up when their holder dies.
//
// Where the system has them these are locks of the open file description (Linux, `F_OFD_SETLK`), else
// POSIX locks of the process. The latter are dropped when the process closes *any* descriptor of the file,
// so a locked file must be opened once in a process.
#pragma once

#include <cstdint>
#include <optional>

#include "system/clock.h"

namespace weir {

struct ByteRange {
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< inclusive
};

enum class LockKind { shared, exclusive };

enum class LockOutcome { taken, timed_out, failed };  ///< failed: errno says why

/// Takes the lock if nobody is in the way.
bool try_lock(int fd, ByteRange range, LockKind kind);

/// Tries again and again, ever more slowly, until it has the lock or the time is over.
LockOutcome lock(int fd, ByteRange range, LockKind kind, const Deadline& deadline);

void unlock(int fd, ByteRange range);

/// A lock of somebody else that is in the way of an exclusive one: where it begins and ends. Of several any one.
std::optional<ByteRange> locked_by_others(int fd, ByteRange range);

}  // namespace weir
