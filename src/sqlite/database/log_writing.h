// How SQLite writes the write-ahead log at a commit: its frames, which it writes in two parts each, are gathered to one
// write.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// Opens a log, of the file system `under`, as SQLite asks for it. `file` has room for kLogHandleBytes and the real
/// one.
int open_gathering(sqlite3_vfs* under, const char* name, sqlite3_file* file, int flags, int* flags_out);
extern const int kLogHandleBytes;

/// While it lives, what a commit writes into the log is gathered up to its last frame. Then it is in the file: SQLite
/// shows a commit to others after that. Without it nothing is held back, so that nothing of a transaction that was
/// undone can reach the log when it is another's turn to write.
/// Requires: the turn to write. Of another file than `open_gathering` has opened, or null, nothing is gathered.
class GatheredCommit {
 public:
  enum class Disk {
    waits,   ///< for a sync, or for as long as the system likes
    begins,  ///< once all is in the file, while SQLite goes on: a sync soon after waits less. It says nothing of the
             ///< end.
  };
  GatheredCommit(sqlite3_file* log, Disk disk);
  ~GatheredCommit();
  GatheredCommit(const GatheredCommit&) = delete;
  GatheredCommit& operator=(const GatheredCommit&) = delete;

 private:
  sqlite3_file* log_;
};

}  // namespace weir::sqlite
