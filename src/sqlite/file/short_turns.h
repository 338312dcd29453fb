// Helps to work on a file while others use it: takes short turns to write, measures them, and keeps the log short.
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

  /// Does `work` during a turn, outside of a transaction.
  template <typename Work>
  Result<void> in_turn(Work work) {
    WEIR_TRY(lock_file_.take_turn(connection_.options().lock_timeout));
    const auto begun = std::chrono::steady_clock::now();
    Result<void> done = work();
    lock_file_.end_turn();
    note(begun);
    return done;
  }
  /// Notes a turn that began at `begun` and has just ended; returns how long it was.
  std::chrono::microseconds note(SteadyTime begun);
  std::chrono::microseconds longest() const { return longest_; }
  /// Waits a moment between two turns. Otherwise this process would take the next turn before the processes that it
  /// woke could.
  void let_others_in() const;

  /// From here on SQLite waits for other connections for a moment only, instead of --lock-timeout.
  void wait_a_moment();
  void wait_as_usual();

  std::uint32_t log_frames();
  /// Moves the log into the database. If the log is long all the same, begins it anew. Requires: byte 2 of the lock
  /// file.
  Result<void> move_log();
  /// Moves the log into the database and begins it anew. False: another process is reading it. Requires: as move_log().
  Result<bool> empty_log();

 private:
  Connection& connection_;
  const LockFile& lock_file_;
  std::chrono::microseconds longest_{0};
};

}  // namespace weir::sqlite
