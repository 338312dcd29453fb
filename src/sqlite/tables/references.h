// Which groups refer to an entry: see weir::References.
#pragma once

#include <cstdint>

#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// Whether a group has still to be given the entry with this ID, or has it pending. The entry need not exist.
bool is_referenced(Database& db, const StreamRow& stream, Id id);
/// The position from which on every entry is referenced, since some group has still to be given it. Without groups: the
/// stream's end.
std::int64_t first_undelivered(Database& db, const StreamRow& stream);

/// Removes the entry from the pending lists of all groups. Requires: a write transaction.
void remove_references(Database& db, const StreamRow& stream, Id id);
/// The same for all existing entries before the position `end`.
void remove_references_before(Database& db, const StreamRow& stream, std::int64_t end);

}  // namespace weir::sqlite
