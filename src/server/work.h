// The work on the store itself.
#pragma once

#include <span>

#include "server/unit.h"
#include "stream/result.h"

namespace weir::server {

/// Does what is in units that is not done yet, one after the other, as far as there is room for their answers. Fails
/// where the store does; then all of it is to be forgotten. Threads: that of the store. Throws std::bad_alloc.
Result<void> run_units(const SharedStore& store, std::span<Unit* const> units);

}  // namespace weir::server
