// Moving what the log holds into the database, and SQLite's own lock on that.
//
// SQLite up to 3.51.2 has a fault ("WAL-reset bug"). Once all of a log is moved the next writer begins it anew. Whoever
// had just begun to move that same log, and had read how long it was, does not notice: it moves pages of the new log
// to where those of the old one belonged, and notes of the new one that as much is moved as the old one held. What then
// comes into it never is, and is lost when that log is begun anew in its turn. So here:
// - nobody begins to move a log of which all is moved (`checkpoint`): another program may begin it anew in that moment;
// - a writer that is about to begin the log anew has the lock meanwhile: no other program begins to move it. Or
// somebody
//   of weir's has it for long, who moves nothing meanwhile, and says so in the lock file: a backup;
// - and if it is noted that more is moved than there is, which was written by other programs, or by a process that was
//   killed while it began a log, the next writer of weir sees it and corrects it (Connection::make_log_sound).
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <optional>
#include <string>

#include "sqlite/file/lock_file.h"
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
  /// the log's index. `shown_in`: where to say so for as long as it is held, so that writers need not wait for it; it
  /// must outlive that.
  int take(std::chrono::milliseconds patience, const LockFile* shown_in = nullptr);
  void release();
  /// Why it was not taken, and if the system tells, by whom. `path`: the database's.
  static Error describe(int code, const std::string& path);

 private:
  sqlite3_file* file_ = nullptr;
  const LockFile* shown_in_ = nullptr;
  bool held_ = false;
};

/// Moves what the log holds and no reader needs; whether that was all. That it is busy is no failure: another will do
/// it. Requires: byte 2 of the lock file.
bool checkpoint(sqlite3* db, int mode);

/// A backup or weir compact, which this may be, keeps others from moving what the log holds.
Error describe_moving_busy(const std::string& path, const std::optional<LockHolder>& holder);
/// Another program does. `path`: the database's.
Error describe_moved_by_other(const std::string& path);

}  // namespace weir::sqlite
