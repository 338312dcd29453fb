// Whose SQLite's log, its index and its journal are, and whom they let in.
//
// SQLite uses what lies there under these names, whoever made it: where everybody may make files, as in /tmp, another
// user could lay an empty log beside a database that is not there yet, and read and change whatever goes through it.
// The same happens by mistake: `chmod 600 FILE` leaves a log that all may read.
//
// The files are looked at by their names, and never opened: closing them would drop SQLite's locks.
#pragma once

#include <string>

#include "stream/result.h"

namespace weir::sqlite {

/// Refuses a log that is a hard link to another file (SQLite would write that one and, if root runs it, give it to the
/// database's owner), or whose owner may not write the database. Symbolic links SQLite refuses itself. `database`: its
/// path, without symbolic links at the end; if it is not there, it is taken for one that this user is about to make.
Result<void> check_log_files(const std::string& database);

/// Of what this user owns beside the database, the lock file too: takes away what lets in others than the database
/// does. What belongs to another who may write the database stays as it is until that one comes.
void shut_files(const std::string& database);

}  // namespace weir::sqlite
