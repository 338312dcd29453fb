// The rows of the command table, a file for each family.
#pragma once

#include <span>

#include "cli/command_table/command_table.h"

namespace weir::cli {

// What words name, in many rows.
inline constexpr Place kStream[] = {{Named::stream}};
inline constexpr Place kStreams[] = {{Named::stream, true}};
inline constexpr Place kStreamId[] = {{Named::stream}, {Named::id}};
inline constexpr Place kStreamIds[] = {{Named::stream}, {Named::id, true}};
inline constexpr Place kStreamBounds[] = {{Named::stream}, {Named::id}, {Named::id}};
inline constexpr Place kStreamGroup[] = {{Named::stream}, {Named::group}};
inline constexpr Place kStreamGroupId[] = {{Named::stream}, {Named::group}, {Named::id}};
inline constexpr Place kStreamGroupIds[] = {{Named::stream}, {Named::group}, {Named::id, true}};
inline constexpr Place kStreamGroupConsumer[] = {{Named::stream}, {Named::group}, {Named::consumer}};

std::span<const Command> stream_rows();
std::span<const Command> group_rows();
std::span<const Command> other_rows();
std::span<const Command> policy_rows();
std::span<const Command> work_rows();

}  // namespace weir::cli
