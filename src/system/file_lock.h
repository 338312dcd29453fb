// Advisory locks on byte ranges of a file. The kernel releases a lock when its holder dies.
//
// These are locks of the open file description where the system has such (Linux, `F_OFD_SETLK`), else POSIX locks of
// the process. POSIX locks are dropped when the process closes *any* descriptor of the file, so a process must open a
// locked file only once.
//
// `fd` is open for reading and writing, stays the caller's, and holds the locks until it is closed. Threads: any; but
// two threads with one descriptor count as one holder, so they do not lock each other out.
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

/// Takes the lock if no other holder is in the way; does not block. False: errno is EAGAIN or EACCES if there is such a
/// holder, else it says what failed. A lock that the caller holds already changes to `kind`.
bool try_lock(int fd, ByteRange range, LockKind kind);

/// Blocks: tries again and again, ever more slowly (at last every 20 ms), until it has the lock or the time is over.
LockOutcome lock(int fd, ByteRange range, LockKind kind, const Deadline& deadline);

/// Releases all locks held in `range`. Cannot fail while `fd` is open.
void unlock(int fd, ByteRange range);

/// The range of another holder's lock that stands in the way of an exclusive one; if there are several, any of them.
/// Nothing also if the system does not tell.
std::optional<ByteRange> locked_by_others(int fd, ByteRange range);

}  // namespace weir
