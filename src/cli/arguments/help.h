// Help texts, made from the table of commands.
#pragma once

#include <optional>
#include <string>

#include "cli/arguments/arguments.h"
#include "stream/result.h"

namespace weir::cli {

/// Which help a command line asks for.
struct HelpTopic {
  enum class Kind {
    overview,
    version,
    versions,  ///< the same, followed by the versions of weir's parts, which are not known here
    command
  };
  Kind kind = Kind::overview;
  std::vector<std::string_view> words;  ///< command: the words after `help`, or the command itself
};

std::optional<HelpTopic> help_wanted(const Arguments& arguments);

/// "usage: weir …", in Redis's grammar or in the shell's form, as the arguments seem to be meant. Requires: the
/// arguments name a command.
std::string usage_of(const Arguments& arguments);

/// Appends the help to `out`; returns the exit status. Fails with `Failure::usage` if there is no such command.
Result<int> write_help(std::string& out, const HelpTopic& topic);

}  // namespace weir::cli
