// The rows of the command table, a file for each family.
#pragma once

#include <span>

#include "cli/command_table.h"

namespace weir::cli {

std::span<const Command> stream_rows();
std::span<const Command> group_rows();
std::span<const Command> other_rows();
std::span<const Command> work_rows();

}  // namespace weir::cli
