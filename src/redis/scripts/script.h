// The script that makes weir's own commands, and transactions that can be undone, atomic on a server.
#pragma once

#include <span>

#include "redis/wire/command.h"

namespace weir::redis {

/// What the script does when one of its commands is refused.
enum class ScriptMode {
  go_on,    ///< the others are done; the refusal stands in its place
  stop,     ///< those after it are not done; the reply ends with the refusal
  checked,  ///< it looks first whether any would be refused, and then does nothing at all
  restore,  ///< it keeps a copy of every key it is given (DUMP) and puts it back: right for any command, but slow for
            ///< long streams
};

/// A command of the server's own with more words than this cannot be called from the script. Its commands of weir's own
/// may be longer.
inline constexpr std::size_t kMostScriptWords = 7'500;

/// EVAL of `commands`. The reply is an array: a reply for each command. With `checked` and `restore` one more stands
/// before them: 0 if all was done; 1 if nothing was, and then the array ends with the refusal, nils before it. (hiredis
/// 0.14 takes no array deeper than seven levels: this must not become an array of arrays.)
///
/// Numbers of a reply beyond 2^53 are not exact (Lua counts in doubles); IDs are strings and always are.
WireCommand script_call(std::span<const WireCommand> commands, ScriptMode mode);

}  // namespace weir::redis
