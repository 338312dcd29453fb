// Looking at a store for what a place shows.
#pragma once

#include <span>

#include "stream/result.h"
#include "stream/store.h"
#include "top/found.h"

namespace weir::top {

/// Of all streams that match the plain figures; of those that are visible, or of all, everything.
Result<FoundStreams> look_at_all(Store& store, const std::string& pattern, const Want& want, Millis stuck_after);

/// Everything of some of them.
Result<FoundStreams> look_at_some(Store& store, std::span<const std::string> streams, Millis stuck_after);

/// Requires: it is not all streams.
Result<FoundPlace> look_at_place(Store& store, const Want& want, Millis stuck_after);

}  // namespace weir::top
