// Work on a file that others use meanwhile: short turns to write, which are measured, and a log that stays short.
#pragma once

#include <chrono>
#include <cstdint>

#include "sqlite/file/connection.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Lifetime: within that of the connection.
class ShortTurns {
 public:
  ShortTurns(Connection& connection, const LockFile& lock_file) : connection_(connection), lock_file_(lock_file) {}

  /// Does it during a turn, outside of a transaction.
  template <typename Work>
  Result<void> in_turn(Work work) {
    WEIR_TRY(lock_file_.take_turn(connection_.options().lock_timeout));
    const auto begun = std::chrono::steady_clock::now();
    Result<void> done = work();
    lock_file_.end_turn();
    note(begun);
    return done;
  }
  /// A turn began then and has just ended; how long it was.
  std::chrono::microseconds note(SteadyTime begun);
  std::chrono::microseconds longest() const { return longest_; }
  /// Between two turns: who has just ended one would have the next before those that it woke are there.
  void let_others_in() const;

  /// How long SQLite waits for others where it has to, from here on, instead of --lock-timeout.
  void wait_a_moment();
  void wait_as_usual();

  std::uint32_t log_frames();
  /// Moves what the log holds, and if it is long nevertheless begins it anew. Requires: byte 2 of
  /// the lock file.
  Result<void> move_log();

 private:
  Connection& connection_;
  const LockFile& lock_file_;
  std::chrono::microseconds longest_{0};
};

}  // namespace weir::sqlite
