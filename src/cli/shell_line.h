// The shell's forms, translated to lines of Redis's grammar: no command is implemented twice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"

namespace weir::cli {

/// What a command line asks for beyond one request.
enum class Form {
  request,      ///< `line` is all
  append,       ///< XADD: the payload comes from standard input; `line` is the model of each entry
  identifiers,  ///< XDEL and XACK: the IDs come from standard input; `line` lacks them
  walk,         ///< XAUTOCLAIM over the whole pending list
  list,         ///< ls: `line` is KEYS
  batch,
  help,
};

struct ShellLine {
  Form form = Form::request;
  std::vector<std::string> line;
};

/// The stream in the model line of `append` if none was given on the command line.
inline constexpr const char* kStreamOfEachLine = "";

/// What `command::parse` takes.
inline std::vector<std::string_view> words_of(const std::vector<std::string>& line) {
  return {line.begin(), line.end()};
}

/// Requires: `arguments.command`. Fails with `Failure::usage`.
Result<ShellLine> translate(const Arguments& arguments);

}  // namespace weir::cli
