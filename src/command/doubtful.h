// Lines whose error depends on the store.
#pragma once

#include "command/grammar.h"
#include "stream/store.h"

namespace weir::command {

/// The answer to a doubtful line, from what its looks have shown, in their order. Fails also where one could not be
/// done.
Result<Reply> settled(std::span<const Result<Reply>> seen, const Doubtful& doubtful);

/// Looks, and gives the answer.
Result<Reply> settle(Store& store, const Doubtful& doubtful);

}  // namespace weir::command
