// argv, taken apart: which command, which options, which words.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cli/arguments/given_options.h"
#include "cli/command_table/command_table.h"

namespace weir::cli {

struct Arguments {
  const Command* command = nullptr;     ///< none: `weir` alone, or `weir --help`
  std::vector<std::string_view> name;   ///< the command as it was written, one or two words
  std::vector<std::string_view> words;  ///< what is neither name nor option, in order
  std::optional<std::size_t> dashes;    ///< how many of the words stood before `--`, if there was one
  Options options;
};

/// `argv` is without the program's name. Options end where data begins: after `--`, and where the command's row says.
/// Fails with `Failure::usage`. `arguments.options` holds what was read before the failure, so that
/// the error can be written in the format that was asked for.
/// Lifetime: the words are those of `argv`.
Result<void> read_arguments(Argv argv, Arguments& arguments);

/// Whether all that comes after `words` is data.
bool data_begins(const Command& command, std::span<const std::string_view> words);

}  // namespace weir::cli
