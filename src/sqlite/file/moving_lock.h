// SQLite's own lock on moving what the log holds into the database.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <optional>
#include <string>

#include "stream/result.h"
#include "system/lock_holder.h"

namespace weir::sqlite {

/// While it is held, nobody writes into the database's file: what others commit stays in the log. It is the
/// connection's: no checkpoint of its own meanwhile. Lifetime: within that of the connection.
class MovingLock {
 public:
  explicit MovingLock(sqlite3* db);
  ~MovingLock() { release(); }
  MovingLock(const MovingLock&) = delete;
  MovingLock& operator=(const MovingLock&) = delete;

  /// SQLITE_OK, SQLITE_BUSY when the time is over, or what failed. Requires: the connection has read, so that it knows
  /// the log's index.
  int take(std::chrono::milliseconds patience);
  void release();
  /// Why it was not taken, and if the system tells, by whom. `path`: the database's.
  static Error describe(int code, const std::string& path);

 private:
  sqlite3_file* file_ = nullptr;
  bool held_ = false;
};

/// A backup or weir compact, which this may be, keeps others from moving what the log holds.
Error describe_moving_busy(const std::string& path, const std::optional<LockHolder>& holder);

}  // namespace weir::sqlite
