// Commands that no help lists: those from which man pages and completions are made.
#pragma once

#include <optional>
#include <string>

#include "cli/command_table/command_table.h"

namespace weir::cli {

/// Runs `argv` if it is one of these commands:
///
///   __man TOPIC...      the mdoc of commands; a topic is a command ("xadd", "group") or "options", those of every
///   command
///   __complete WORD...  what can stand for the last word of a command line; see complete.h
///
/// Appends to `out` and returns the exit status; nothing: it is an ordinary command.
std::optional<int> run_hidden(Argv argv, std::string& out);

/// The mdoc of one topic, made from the table: grammar, options and notes. Empty: there is no such topic.
std::string man_of(std::string_view topic);

}  // namespace weir::cli
