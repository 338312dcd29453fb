// Gives back the space that deleted messages have left, while others use the file.
//
// If the live data is small, it is rewritten in one turn (VACUUM). Else pages are moved from the end of the file to
// free pages, in turns so short that nobody notices, until no page is free (PRAGMA incremental_vacuum). Then the
// remains of deleted rows are overwritten: see overwrite_deleted.h.
#pragma once

#include <cstdint>
#include <functional>

#include "sqlite/file/connection.h"
#include "stream/result.h"
#include "stream/upkeep.h"

namespace weir::sqlite {

/// See Upkeep::compactable.
Result<Compactable> look_what_to_compact(Connection& connection);

/// See Upkeep::compact. Requires: no transaction.
Result<Compacted> compact(Connection& connection, bool at_once, const std::function<void()>& tell);

}  // namespace weir::sqlite
