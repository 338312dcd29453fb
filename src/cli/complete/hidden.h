// Commands that no help lists: what man pages and completions are made from.
#pragma once

#include <optional>
#include <string>

#include "cli/command_table/command_table.h"

namespace weir::cli {

/// Runs `argv` if it is one of them:
///
///   __man TOPIC...      the mdoc of commands; a topic is a command ("xadd", "group") or "options", those of every
///   command
///   __complete WORD...  what can stand for the last word of a command line; see complete.h
///
/// Appends to `out` and gives the exit status; nothing: it is a command for everybody.
std::optional<int> run_hidden(Argv argv, std::string& out);

/// The mdoc of one topic: grammar, options and notes, from the table. Empty if there is no such topic.
std::string man_of(std::string_view topic);

}  // namespace weir::cli
