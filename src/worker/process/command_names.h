// Where a shell's script runs a value as a command.
#pragma once

#include <string_view>
#include <vector>

namespace weir::worker {

/// Values that stand for the name of a command: `"$1"`, `$@`, `${1}`, `$WEIR_FIELD_name`, at the beginning of the
/// script or after `;`, `|`, `exec` and the like, and not in quotes. Braces may be doubled, as in a command of `weir
/// work`. It rather sees one too few.
std::vector<std::string_view> values_as_commands(std::string_view script);

}  // namespace weir::worker
