// Detects rows that contradict each other.
//
// A reader that walks in pages begins each page after the last ID of the page before. The walk ends only if IDs grow
// with positions and lie within the bounds that were asked for. Sums stay in range only if the counters fit the
// positions. So both are checked wherever rows are read: damaged rows cause an error, never an endless walk.
#pragma once

#include <optional>
#include <string_view>

#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// IDs from `first` to `last`, both included.
struct IdRange {
  Id first = kMinId;
  Id last = kMaxId;
};

/// Whether the counters of a stream fit its positions. If not, a failure is noted with the database.
bool is_sound(Database& db, const StreamRow& stream, std::string_view name);

/// Whether `id` lies in `bounds` and may come after `before`, which then is set to `id`. If not, a failure is noted
/// with the database.
bool follows(Database& db, std::optional<Id>& before, Id id, IdRange bounds, bool reverse = false);

}  // namespace weir::sqlite
