// The rows of the command table; each family has its own file.
#pragma once

#include <span>

#include "cli/command_table/command_table.h"

namespace weir::cli {

// Places that many rows share.
inline constexpr Place kStream[] = {{Named::stream}};
inline constexpr Place kStreams[] = {{Named::stream, true}};
inline constexpr Place kStreamId[] = {{Named::stream}, {Named::id}};
inline constexpr Place kStreamIds[] = {{Named::stream}, {Named::id, true}};
inline constexpr Place kDeadStreamLetters[] = {{Named::dead_stream}, {Named::letter, true}};
inline constexpr Place kStreamBounds[] = {{Named::stream}, {Named::id}, {Named::id}};
inline constexpr Place kStreamGroup[] = {{Named::stream}, {Named::group}};
inline constexpr Place kStreamGroupId[] = {{Named::stream}, {Named::group}, {Named::id}};
inline constexpr Place kStreamGroupIds[] = {{Named::stream}, {Named::group}, {Named::id, true}};
inline constexpr Place kStreamGroupConsumer[] = {{Named::stream}, {Named::group}, {Named::consumer}};

// Options of many rows about which entries to show.
inline constexpr Option kSince = {"--since", past("TIME"),
                                  "what came since then: 2h (ago), 2026-12-01T09:00, 09:00 (the last)"};
inline constexpr Option kUntil = {"--until", past("TIME"), "what came before then"};
inline constexpr Option kFieldIs = {"--where", condition("FIELD=VALUE"),
                                    "whose FIELD is VALUE; also !=, and with a regular expression ~ and !~; of several "
                                    "--where all have to hold"};
inline constexpr Option kNewest = {"--last", number("N", 0, 1'000'000'000), "the last N of them, in order"};

inline constexpr Option kDryRun = {"--dry-run", flag(), "remove nothing, and say how many it would be"};

std::span<const Command> stream_rows();
std::span<const Command> group_rows();
std::span<const Command> other_rows();
std::span<const Command> policy_rows();
std::span<const Command> report_rows();
std::span<const Command> work_rows();

}  // namespace weir::cli
