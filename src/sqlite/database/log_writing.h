// How SQLite writes the write-ahead log at a commit: its frames, which it writes in two parts each, are gathered to one
// write. Everything else is as SQLite's own file system does it, which also has the locks and the memory that is
// shared: only the log's file is another's.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// Name of the file system for sqlite3_open_v2, over the one that is SQLite's default now; null if it cannot be had.
const char* gathering_vfs();

/// While it lives, what a commit writes into the log is gathered up to its last frame. Then it is in the file: SQLite
/// shows a commit to others after that. Without it nothing is held back, so that nothing of a transaction that was
/// undone can reach the log when it is another's turn to write.
/// Requires: the turn to write. Of another file than `gathering_vfs` has opened, or null, nothing is gathered.
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
