// Finds the streams that a line names, as Redis's COMMAND GETKEYS does.
#pragma once

#include "command/redis_command.h"

namespace weir::command {

/// The words that name streams. `words` does not include the command's name. Requires: the number of words fits the
/// command's arity. Fails if no streams are where they should be.
Result<Words> named_streams(NamedStreams names, Words words);

}  // namespace weir::command
