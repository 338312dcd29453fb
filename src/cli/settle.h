// Lines whose error depends on the store.
#pragma once

#include "cli/grammar.h"
#include "stream/store.h"

namespace weir {

/// The answer to a doubtful line.
Result<Reply> settle(Store& store, const Doubtful& doubtful);

}  // namespace weir
