// Checks who owns SQLite's log, its index and its journal, and whom they let in.
//
// SQLite uses any files under these names, whoever made them. Where everybody may make files, as in /tmp, another user
// could lay an empty log beside a database that does not exist yet, and then read and change all data that goes through
// the log. It also happens by mistake: `chmod 600 FILE` leaves a log that all may read.
//
// The files are looked at by name and never opened: closing them would drop SQLite's locks.
#pragma once

#include <string>

#include "stream/result.h"

namespace weir::sqlite {

/// Refuses a log that is a hard link to another file (SQLite would write to that file and, if root runs it, give it to
/// the database's owner), and a log whose owner may not write the database. SQLite itself refuses symbolic links.
/// `database`: the path, without symbolic links at its end; if no file is there, this user is taken to be about to make
/// it.
Result<void> check_log_files(const std::string& database);

/// Of the files beside the database that this user owns, the lock file included: takes away rights of people whom the
/// database does not let in. Files of other users who may write the database stay as they are until those users come.
void shut_files(const std::string& database);

}  // namespace weir::sqlite
