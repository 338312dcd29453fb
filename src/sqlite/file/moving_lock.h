// SQLite's own lock on moving what the log holds into the database.
#pragma once

#include <sqlite3.h>

#include <chrono>

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

 private:
  sqlite3_file* file_ = nullptr;
  bool held_ = false;
};

}  // namespace weir::sqlite
