// Lines whose error depends on what is in the store.
#pragma once

#include "command/grammar.h"
#include "stream/store.h"

namespace weir::command {

/// The answer to a doubtful line, from the results of its looks, in their order. Fails if a look could not be done.
Result<Reply> settled(std::span<const Result<Reply>> seen, const Doubtful& doubtful);

/// Does the looks and returns the answer.
Result<Reply> settle(Store& store, const Doubtful& doubtful);

}  // namespace weir::command
