// Deletes entries: from a stream's beginning, or one by its ID.
#pragma once

#include <cstdint>

#include "sqlite/tables/rows.h"
#include "stream/request.h"

namespace weir::sqlite {

/// Deletes entries and counts them off `stream`, which the caller saves. Returns how many. Requires: a write
/// transaction.
std::uint64_t trim(Database& db, StreamRow& stream, const Trim& how);

/// Deletes one entry, counts it off `stream` and notes its ID there; the caller saves `stream`. False: there is no such
/// entry. `near`: the position to look at first, set to the one for the next call, since IDs mostly come in the order
/// of the stream. Requires: a write transaction.
bool delete_entry(Database& db, StreamRow& stream, Id id, std::int64_t& near);

}  // namespace weir::sqlite
