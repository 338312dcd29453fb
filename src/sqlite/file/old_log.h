// A log beside a database that is not its own.
//
// A file that is copied over the database, or moved into its place, meets the log of the one before. SQLite would take
// the old log for a part of the new file. Who left last has noted in FILE-lock which two belong together.
#pragma once

#include "sqlite/database/database.h"
#include "sqlite/file/lock_file.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Fails if the database was replaced, and the log beside it holds what this one does not. Changes neither. Whatever is
/// not clear is let pass: after a kill, loss of power, a move of all files, or the work of other programs. Requires:
/// nothing has been read from the database yet.
Result<void> check_log_is_its_own(const Database& db, const LockFile& lock_file);

}  // namespace weir::sqlite
