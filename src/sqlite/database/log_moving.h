// Moves the log into the database (SQLite: a checkpoint), and keeps such moves apart from beginning the log anew.
//
// SQLite up to 3.51.2 has a fault ("WAL-reset bug"). Once all of a log is moved, the next writer begins it anew. A
// process that has just begun to move that same log, and has read its length, does not notice: it moves pages of the
// new log to where pages of the old log belonged, and marks as much of the new log as moved as the old log held. Pages
// in the marked part are then never moved, and are lost when the new log is begun anew in its turn.
//
// So SQLite takes its locks on the log through this code, with these rules:
// - a connection about to begin the log anew takes the lock to move for that moment, or, if another one holds it, goes
//   on in the old log;
// - a connection that gets the lock to move, and finds everything moved, does nothing;
// - a connection that is to empty the log, but cannot get the lock to write, does nothing, whereas SQLite would move
//   pages;
// - before the log is begun anew, all of it is marked as not moved, so that a process killed meanwhile leaves nothing
//   wrong.
// So no connection of weir's runs into this fault, whichever programs use the database. Two connections of other
// programs may.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// The bytes that `guard_locks` needs for a file.
extern const int kGuardBytes;

/// From here on the locks of this database's file, which has just been opened, are taken as described above. `room`:
/// memory aligned for any type, which has to last as long as the file.
void guard_locks(sqlite3_file* file, void* room);

enum class Moves {
  some,  ///< all pages that no reader needs, while others write
  all,   ///< and begins the log anew, with a file of no length. Waits for readers as long as the busy timeout says.
         ///< Requires: the turn to write.
};

/// Whether everything is moved. A busy log is no failure: the other process will move it.
bool move_log(sqlite3* db, Moves what);

}  // namespace weir::sqlite
