// Detects command lines where a message would be more than data for the program.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::worker {

/// A word of a command line. `data`: part of the word comes from a message.
struct CommandWord {
  std::string_view text;
  bool data = false;
};

/// Reads the words as programs that run programs do: shells, interpreters, and those that run another command (`env`,
/// `timeout`, `xargs`, …). Returns an error if a value would become the text or the file of a script, an option, or a
/// command's name; or if a program would run its standard input as a script while a message is there (`reads_message`).
/// An unknown program is assumed to treat its arguments as data.
///
/// Scripts after a shell's -c are found by `CommandTemplate`, wherever the shell stands in a command line.
std::optional<Error> find_script(std::span<const CommandWord> words, bool reads_message);

}  // namespace weir::worker
