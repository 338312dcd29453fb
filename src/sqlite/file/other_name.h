// Detects a database that is open under another name.
//
// The log lies beside the name under which the database was opened. If the database or its log is renamed while it is
// open, a process that opens it by the new name begins a new log, and sees nothing that the other log holds. Of the two
// logs, the one that is moved into the database last overwrites the pages of the other.
#pragma once

#include <chrono>

#include "sqlite/database/database.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Fails if the database uses a log, no log lies beside it, and somebody has it open. Since a process may have opened
/// it just now, waits up to `most` for the log to be made. Requires: nothing has been read from the database yet.
Result<void> check_is_not_open_elsewhere(const Database& db, std::chrono::milliseconds most);

}  // namespace weir::sqlite
