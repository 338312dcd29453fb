// Advisory locks on byte ranges of a file, which the kernel gives up when their holder dies.
//
// Where the system has them these are locks of the open file description (Linux, `F_OFD_SETLK`), else
// POSIX locks of the process. The latter are dropped when the process closes *any* descriptor of the file,
// so a locked file must be opened once in a process.
//
// `fd` is open for reading and writing, stays the caller's, and holds the locks until it is closed. Threads: any; but
// two threads with one descriptor are to each other as one holder.
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

/// Takes the lock if nobody is in the way; does not block. False: errno is EAGAIN or EACCES if somebody is, else it
/// says what failed. A lock that is held already becomes one of `kind`.
bool try_lock(int fd, ByteRange range, LockKind kind);

/// Blocks: tries again and again, ever more slowly (at last every 20 ms), until it has the lock or the time is over.
LockOutcome lock(int fd, ByteRange range, LockKind kind, const Deadline& deadline);

/// Gives up what is held of `range`. Cannot fail while `fd` is open.
void unlock(int fd, ByteRange range);

/// A lock of somebody else that is in the way of an exclusive one: where it begins and ends. Of several any one.
/// Nothing also where the system does not tell.
std::optional<ByteRange> locked_by_others(int fd, ByteRange range);

}  // namespace weir
