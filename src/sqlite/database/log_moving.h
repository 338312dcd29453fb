// Moving what the log holds into the database (SQLite: a checkpoint), and beginning the log anew, kept apart.
//
// SQLite up to 3.51.2 has a fault ("WAL-reset bug"). Once all of a log is moved the next writer begins it anew. Whoever
// has just begun to move that same log, and has read how long it was, does not notice: it moves pages of the new log to
// where those of the old one belonged, and notes of the new one that as much is moved as the old one held. What then
// comes into it never is, and is lost when that log is begun anew in its turn.
//
// So SQLite takes its locks on the log through here, and
// - who is about to begin the log anew takes the lock to move for that moment, or, if somebody else has that, goes on
//   in the old log;
// - who has the lock to move, and finds that all is moved, has nothing to do;
// - who is to empty the log, and cannot have the lock to write, has nothing to do: SQLite would move what there is;
// - before the log is begun anew it is noted that nothing of it is moved: who is killed meanwhile leaves nothing wrong.
// Therefore no connection of weir's meets another, whichever program's that is. Two of other programs may.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// What `guard_locks` needs for a file.
extern const int kGuardBytes;

/// From here on the locks of this file, of a database, which has just been opened, are taken as above. `room`: aligned
/// as for any type; it has to last as long as the file.
void guard_locks(sqlite3_file* file, void* room);

enum class Moves {
  some,  ///< all that no reader needs, while others write
  all,   ///< and begins the log anew, with a file of no length. Waits for readers as long as the busy timeout says.
         ///< Requires: the turn to write.
};

/// Whether that was all. That it is busy is no failure: another will do it.
bool move_log(sqlite3* db, Moves what);

}  // namespace weir::sqlite
