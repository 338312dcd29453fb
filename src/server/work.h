// Running units on the store.
#pragma once

#include <span>

#include "server/unit.h"
#include "stream/result.h"

namespace weir::server {

/// Runs the asks that are not done yet, unit by unit. A unit whose answers grow too large is left unfinished. Fails if
/// the store fails; then the caller has to undo what was done in these units. Throws std::bad_alloc. Threads: the
/// store's thread.
Result<void> run_units(const SharedStore& store, std::span<Unit* const> units);

}  // namespace weir::server
