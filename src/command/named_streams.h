// Which streams a line names, as Redis's COMMAND GETKEYS tells.
#pragma once

#include "command/redis_command.h"

namespace weir::command {

/// Those of the words, the command's name left out, that name streams. Requires: there are as many as the command's
/// arity asks for. Fails if there are none where they belong.
Result<Words> named_streams(NamedStreams names, Words words);

}  // namespace weir::command
