// argv, taken apart: which command, which options, which words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_table.h"
#include "cli/options.h"

namespace weir::cli {

struct Arguments {
  const Command* command = nullptr;   ///< none: `weir` alone, or `weir --help`
  std::vector<std::string> name;      ///< the command as it was written, one or two words
  std::vector<std::string> words;     ///< what is neither name nor option, in order
  std::optional<std::size_t> dashes;  ///< how many of the words stood before `--`, if there was one
  Options options;
};

/// `argv` is without the program's name. Options end where data begins: after `--`; for XADD after what
/// follows the stream; for XREAD and XREADGROUP at the first of Redis's keywords.
/// Fails with `Failure::usage`. `arguments.options` holds what was read before the failure, so that
/// the error can be written in the format that was asked for.
Result<void> read_arguments(Argv argv, Arguments& arguments);

/// Whether `word` is one of the keywords with which Redis's grammar of XREAD and XREADGROUP begins.
bool is_read_keyword(std::string_view word);

}  // namespace weir::cli
