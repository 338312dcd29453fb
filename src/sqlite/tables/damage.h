// What is told of a database whose rows contradict each other.
//
// A page of a walk begins after the last ID of the page before. That ends only if IDs grow with positions and lie
// within the bounds that were asked for, and sums stay in their range only if the counters fit the positions. So both
// are looked at wherever rows are read: such rows end with an error, never with a walk that has no end.
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

/// Whether the counters of a stream fit its positions. If not, the database has failed.
bool is_sound(Database& db, const StreamRow& stream, std::string_view name);

/// Whether `id` lies in `bounds` and may come after `before`, which then becomes it. If not, the database has failed.
bool follows(Database& db, std::optional<Id>& before, Id id, IdRange bounds, bool reverse = false);

}  // namespace weir::sqlite
