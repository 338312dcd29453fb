// Asks a store for what a place shows.
#pragma once

#include <span>

#include "stream/result.h"
#include "stream/store.h"
#include "top/found.h"

namespace weir::top {

/// The plain figures of all matching streams, and everything about visible streams, or about all.
Result<FoundStreams> look_at_all(Store& store, const std::string& pattern, const Want& want, Millis stuck_after);

/// Everything about the given streams.
Result<FoundStreams> look_at_some(Store& store, std::span<const std::string> streams, Millis stuck_after);

/// Requires: the place is not the list of all streams.
Result<FoundPlace> look_at_place(Store& store, const Want& want, Millis stuck_after);

}  // namespace weir::top
