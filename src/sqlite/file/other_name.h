// A database that is open under another name.
//
// Its log lies beside the name under which it was opened. So if it is renamed while it is open, or its log is, whoever
// opens it by the new name begins a log of its own, and finds none of what the other holds; and whichever of the two
// logs is moved into the database last overwrites what the other has brought there.
#pragma once

#include <chrono>

#include "sqlite/database/database.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Fails if the database belongs to a log, there is none beside it, and somebody has it open. Waits no longer than
/// `most` for one who has opened it just now to make the log. Requires: nothing has been read from the database yet.
Result<void> check_is_not_open_elsewhere(const Database& db, std::chrono::milliseconds most);

}  // namespace weir::sqlite
