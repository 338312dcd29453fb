// Giving back space that messages have left, while others use the file.
//
// Little that lives is written anew at once, in one turn (VACUUM). Else pages are moved from the end of the file to
// free ones, in turns so short that nobody notices, until none is free (PRAGMA incremental_vacuum). Then what is left
// of deleted rows is overwritten: see overwrite_deleted.h.
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
