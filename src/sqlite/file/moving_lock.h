// SQLite's own lock for moving the log into the database.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <optional>
#include <string>

#include "stream/result.h"
#include "system/lock_holder.h"

namespace weir::sqlite {

/// While the lock is held, nobody writes into the database's file: commits stay in the log. The connection holds the
/// lock, so it must not checkpoint meanwhile. Lifetime: within that of the connection.
class MovingLock {
 public:
  explicit MovingLock(sqlite3* db);
  ~MovingLock() { release(); }
  MovingLock(const MovingLock&) = delete;
  MovingLock& operator=(const MovingLock&) = delete;

  /// Returns SQLITE_OK, SQLITE_BUSY when the time is over, or an error code. Requires: the connection has read from the
  /// database, so that SQLite has opened the log's index.
  int take(std::chrono::milliseconds patience);
  void release();
  /// The error for a lock that was not taken; names the holder if the system tells. `path`: the database's.
  static Error describe(int code, const std::string& path);

 private:
  sqlite3_file* file_ = nullptr;
  bool held_ = false;
};

/// The error while another process, a backup or weir compact, holds this lock.
Error describe_moving_busy(const std::string& path, const std::optional<LockHolder>& holder);

}  // namespace weir::sqlite
