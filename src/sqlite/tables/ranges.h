// Entries by their positions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sqlite/tables/damage.h"
#include "stream/reply.h"

namespace weir::sqlite {

/// Appends entries from position `first` up to, but not at, `last`: at most `count`, with `reverse` from the end. One
/// whose ID is not within `bounds` is damage.
void collect(Database& db, std::vector<Entry>& out, std::int64_t first, std::int64_t last,
             std::optional<std::uint64_t> count, bool reverse, IdRange bounds = {});

}  // namespace weir::sqlite
