// Whether the rows of a file fit each other, and mending those that do not.
//
// A rule is what every writer keeps: rules.cc has those that SQL can say, entries.cc and placed.cc those that walk over
// all entries, or look for one by its ID. They are held in their order, since what mends one may rest on those before.
#pragma once

#include <functional>

#include "sqlite/database/database.h"
#include "stream/upkeep.h"

namespace weir::sqlite {

/// Requires: a transaction, with `repair` a write transaction. Fails as the database does. It is not committed here.
Result<Verified> verify(Database& db, bool repair, const std::function<void(const Finding&)>& tell);

/// The same of a file of an older version, whose tables have other rules: what SQLite says of it.
Result<Verified> verify_old(Database& db, const std::function<void(const Finding&)>& tell);

}  // namespace weir::sqlite
