// Which groups refer to an entry: see weir::References.
#pragma once

#include <cstdint>

#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// Whether a group is still to be given what has this ID, or has it pending. The entry need not be there.
bool is_referenced(Database& db, const StreamRow& stream, Id id);
/// The position from which on every entry is referenced, since some group is still to be given it; without groups, the
/// stream's end.
std::int64_t first_undelivered(Database& db, const StreamRow& stream);

/// Removes what is pending in any group. Requires: a write transaction.
void remove_references(Database& db, const StreamRow& stream, Id id);
/// Likewise for all entries before the position `end` that are there.
void remove_references_before(Database& db, const StreamRow& stream, std::int64_t end);

}  // namespace weir::sqlite
