// Help, made from the table of commands.
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
    versions,  ///< the same, and those of what weir is made of follow, which is not known here
    command
  };
  Kind kind = Kind::overview;
  std::vector<std::string_view> words;  ///< command: what follows `help`, or the command itself
};

std::optional<HelpTopic> help_wanted(const Arguments& arguments);

/// "usage: weir …", in Redis's grammar or in the shell's form, whichever the arguments seem to be meant in.
/// Requires: they name a command.
std::string usage_of(const Arguments& arguments);

/// Appends it to `out`, and gives the exit status. Fails with `Failure::usage` if there is no such command.
Result<int> write_help(std::string& out, const HelpTopic& topic);

}  // namespace weir::cli
