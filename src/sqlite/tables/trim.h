// What makes a stream shorter from its beginning.
#pragma once

#include <cstdint>

#include "sqlite/tables/rows.h"
#include "stream/request.h"

namespace weir::sqlite {

/// Deletes entries and counts them off `stream`, which the caller saves. Returns how many. Requires: a write
/// transaction.
std::uint64_t trim(Database& db, StreamRow& stream, const Trim& how);

}  // namespace weir::sqlite
