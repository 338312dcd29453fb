// Finds values that a shell script runs as a command.
#pragma once

#include <string_view>
#include <vector>

namespace weir::worker {

/// Finds values in the place of a command's name: `"$1"`, `$@`, `${1}`, `$WEIR_FIELD_name`, at the beginning of the
/// script or after `;`, `|`, `exec` and the like, and not in quotes. Braces may be doubled, as in a command of `weir
/// work`. In doubt, a value is not reported.
std::vector<std::string_view> values_as_commands(std::string_view script);

}  // namespace weir::worker
