// Where a message would be more than data for the program that is run.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::worker {

/// A word of a command line. `data`: a part of it comes from a message.
struct CommandWord {
  std::string_view text;
  bool data = false;
};

/// Reads the words as the programs do that run programs: shells, interpreters, and those that run another command
/// (`env`, `timeout`, `xargs`, …). Gives what is wrong where a value would become the text or the file of a script, an
/// option, or a command's name, and where a program takes standard input for its script; `reads_message`: a message is
/// there. What it does not know it takes for a program whose arguments are data.
///
/// Scripts after a shell's -c are found by `CommandTemplate`, wherever in a command line the shell stands.
std::optional<Error> find_script(std::span<const CommandWord> words, bool reads_message);

}  // namespace weir::worker
