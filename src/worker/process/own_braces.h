// Braces in a command line that are rather the command's own than a field's: `${1%.jpg}`, `{ echo; }`, `{id, x: 1}`.
#pragma once

#include <string>
#include <string_view>

namespace weir::worker {

/// What to say of the first such braces in an argument: how they are written. Empty: it has none. `any`: all are taken
/// for the command's own. Ends with "; ", so that more can follow.
std::string own_braces_hint(std::string_view argument, bool any = false);

}  // namespace weir::worker
