// Entries by their positions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sqlite/tables/damage.h"
#include "sqlite/tables/read_room.h"
#include "stream/reply.h"

namespace weir::sqlite {

/// Appends to `out` the entries from position `first` up to, but not at, `last`: at most `count`, with `reverse` from
/// the end. An entry whose ID is not within `bounds` is damage. `room`: if set, stops when an entry does not fit.
void collect(Database& db, std::vector<Entry>& out, std::int64_t first, std::int64_t last,
             std::optional<std::uint64_t> count, bool reverse, IdRange bounds = {}, ReadRoom* room = nullptr);

}  // namespace weir::sqlite
