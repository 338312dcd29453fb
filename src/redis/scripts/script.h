// A script that makes weir's own commands, and transactions that can be undone, atomic on a server.
#pragma once

#include <span>

#include "redis/wire/command.h"

namespace weir::redis {

/// What happens if one of the commands is refused.
enum class ScriptMode {
  go_on,    ///< the other commands are done; the refusal is the reply of its command
  stop,     ///< the commands after it are not done; the reply ends with the refusal
  checked,  ///< the script checks all commands first, and does nothing if one would be refused
  restore,  ///< the script copies every key it is given (DUMP) and puts it back: right for any command, but slow for
            ///< long streams
};

/// A script cannot call a server's command that has more words than this. Weir's own commands in the script may be
/// longer.
inline constexpr std::size_t kMostScriptWords = 7'500;

/// EVAL of `commands`. The reply is an array with a reply for each command. With `checked` and `restore`, another
/// element comes first: 0 if everything was done; 1 if nothing was done, and then the array ends with the refusal,
/// after nils. (hiredis 0.14 reads no array deeper than seven levels, so this must not become an array of arrays.)
///
/// Numbers beyond 2^53 in a reply are not exact (Lua counts in doubles). IDs are strings, and so always exact.
WireCommand script_call(std::span<const WireCommand> commands, ScriptMode mode);

}  // namespace weir::redis
