// Detects a log that belongs to another database than the one beside it.
//
// If a file is copied over the database, or moved into its place, the earlier database's log is still there, and SQLite
// would take it for a part of the new file. The last process to leave has noted in FILE-lock which database and which
// log belong together.
#pragma once

#include "sqlite/database/database.h"
#include "sqlite/file/lock_file.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Fails if the database was replaced, and the log beside it holds pages that the new file does not have. Changes
/// neither file. Cases that are not clear pass: after a kill, loss of power, a move of all files, or the work of other
/// programs. Requires: nothing has been read from the database yet.
Result<void> check_log_is_its_own(const Database& db, const LockFile& lock_file);

}  // namespace weir::sqlite
