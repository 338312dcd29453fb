// How SQLite writes the write-ahead log: a whole frame at a time, and if asked the disk begins while SQLite goes on.
//
// SQLite writes a frame's header and its page one after the other; here it is one write. Everything else is as SQLite's
// own file system does it, which also has the locks and the memory that is shared: only the log's file is another's.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// Name of the file system for sqlite3_open_v2, over the one that is SQLite's default now; null if it cannot be had.
const char* log_writing_vfs();

/// A transaction to write begins: no frame that is written from now on is its own. Without it SQLite's own way is kept
/// wherever that is not known. Of another file than `log_writing_vfs` has opened nothing is said, as below.
void begin_log_writing(sqlite3_file* log);

/// Whether the next commit's last frame makes the disk begin with what was written, so that a sync soon after finds
/// much of it done. It is a hint: nothing is said about when it ends.
void let_disk_begin(sqlite3_file* log, bool at_commit);

}  // namespace weir::sqlite
