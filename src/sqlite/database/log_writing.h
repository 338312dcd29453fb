// Gathers what SQLite writes to the write-ahead log at a commit into one write: SQLite itself writes each frame in two
// parts.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// Opens a log in the file system `under`, as xOpen does. `file` has room for kLogHandleBytes and the real file.
int open_gathering(sqlite3_vfs* under, const char* name, sqlite3_file* file, int flags, int* flags_out);
extern const int kLogHandleBytes;

/// While an object lives, the writes of a commit to the log are gathered up to its last frame, and then written. SQLite
/// shows the commit to others only after that. Without an object nothing is held back, so nothing of an undone
/// transaction can reach the log during another process's turn.
/// Requires: the turn to write. If `log` is null, or was not opened by `open_gathering`, nothing is gathered.
class GatheredCommit {
 public:
  enum class Disk {
    waits,   ///< with writing, for a sync or for as long as the system likes
    begins,  ///< once all is in the file, while SQLite goes on, so that a sync soon after waits less. Nobody learns
             ///< when the disk has finished.
  };
  GatheredCommit(sqlite3_file* log, Disk disk);
  ~GatheredCommit();
  GatheredCommit(const GatheredCommit&) = delete;
  GatheredCommit& operator=(const GatheredCommit&) = delete;

 private:
  sqlite3_file* log_;
};

}  // namespace weir::sqlite
