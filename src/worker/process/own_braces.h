// Finds braces that belong to the command rather than name a field: `${1%.jpg}`, `{ echo; }`, `{id, x: 1}`.
#pragma once

#include <string>
#include <string_view>

namespace weir::worker {

/// A hint about the first such braces in an argument: how to write them. Empty: there are none. `any`: all braces are
/// taken for the command's own. Ends with "; ", so that more can follow.
std::string own_braces_hint(std::string_view argument, bool any = false);

}  // namespace weir::worker
