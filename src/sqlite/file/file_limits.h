// Options that only a file needs, beside StoreOptions.
#pragma once

#include <atomic>
#include <cstdint>

namespace weir::sqlite {

/// Limits that end work on a file early.
struct FileLimits {
  /// How many steps of SQLite's machine the store may take, opening included, before it fails: a foreign file may hold
  /// anything, even queries that never end. 0: no limit.
  std::uint64_t most_steps = 0;
  /// A blocked read returns, as if it had timed out, soon after this is not 0; a signal that interrupts the thread
  /// makes it look at this flag. Null: never. It must outlive the store.
  const std::atomic<int>* stop = nullptr;
  /// Once this is true, a wait for other writers ends within a moment, as if `lock_timeout` were over. Null: never. It
  /// must outlive the store.
  const std::atomic<bool>* hurry = nullptr;
};

}  // namespace weir::sqlite
