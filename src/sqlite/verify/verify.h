// Checks whether the rows of a file fit each other, and mends those that do not.
//
// A rule is a property that every writer preserves. rules.cc has the rules that SQL can express; entries.cc and
// placed.cc have those that walk over all entries, or look for one by its ID. The rules are checked in order, since
// mending one may rely on those before.
#pragma once

#include <functional>

#include "sqlite/database/database.h"
#include "stream/upkeep.h"

namespace weir::sqlite {

/// Requires: a transaction, with `repair` a write transaction. Fails as the database does. The caller commits.
Result<Verified> verify(Database& db, bool repair, const std::function<void(const Finding&)>& tell);

/// For a file of an older version, to whose tables these rules do not apply: only checks what SQLite says of it.
Result<Verified> verify_old(Database& db, const std::function<void(const Finding&)>& tell);

}  // namespace weir::sqlite
