// What only a file needs to be told, beside StoreOptions.
#pragma once

#include <atomic>
#include <cstdint>

namespace weir::sqlite {

/// What ends work on a file before its end.
struct FileLimits {
  /// What a file may cost before the store fails, in steps of SQLite's machine, opening included: a file may hold
  /// anything, queries without an end too. 0: anything.
  std::uint64_t most_steps = 0;
  /// A blocked read returns, as if it had timed out, soon after this is not 0; a signal that interrupts the thread
  /// makes it look. Null: never. It must outlive the store.
  const std::atomic<int>* stop = nullptr;
  /// Who waits for others who write waits, once this is true, only a moment longer, as if `lock_timeout` were over.
  /// Null: never. It must outlive the store.
  const std::atomic<bool>* hurry = nullptr;
};

}  // namespace weir::sqlite
