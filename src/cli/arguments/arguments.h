// Takes argv apart: the command, the options, and the words.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cli/arguments/given_options.h"
#include "cli/command_table/command_table.h"

namespace weir::cli {

struct Arguments {
  const Command* command = nullptr;     ///< none: `weir` alone, or `weir --help`
  std::vector<std::string_view> name;   ///< the command as the user wrote it, one or two words
  std::vector<std::string_view> words;  ///< words that are neither the name nor options, in order
  std::optional<std::size_t> dashes;    ///< how many words stood before `--`, if there was one
  Options options;
};

/// `argv` does not include the program's name. Options end where data begins: after `--`, and where the command's row
/// says so. Fails with `Failure::usage`; `arguments.options` then has what was read before, so that the error can be
/// written in the requested format. Lifetime: the words are those of `argv`.
Result<void> read_arguments(Argv argv, Arguments& arguments);

/// Whether everything after `words` is data.
bool data_begins(const Command& command, std::span<const std::string_view> words);

}  // namespace weir::cli
