// Splits a usage line into arguments, as COMMAND DOCS reports them. redis-cli makes its hints from these.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "command/redis_command.h"

namespace weir::command {

/// The documentation of a command.
struct Documented {
  std::string_view summary = {};
  std::string_view usage = {};  ///< in Redis's grammar, without the command's name
};

/// A word of a command, or several words that belong together.
struct Argument {
  enum class Kind {
    stream,
    text,
    number,
    unix_ms,  ///< a time
    glob,
    token,   ///< the word in `token`
    one_of,  ///< one of `parts`
    block,   ///< all `parts`, in order
  };
  Kind kind = Kind::text;
  std::string_view called = {};  ///< its name in the line, in capital letters; empty: it consists of parts
  std::string_view token = {};   ///< the word itself, or the word before the value; empty: none
  bool optional = false;
  bool several = false;  ///< may be repeated
  std::vector<Argument> parts = {};
};

/// `line` is a usage in Redis's grammar, without the command's name: `STREAM [COUNT N] ID [ID ...]`. A word is a
/// keyword if it is in `keywords`, or if it is no known word for a value. A bar binds more strongly than a space,
/// except between a value and a keyword. Any line gives a result. Lifetime: the views are parts of `line`.
std::vector<Argument> arguments_of(std::string_view line, std::span<const KeywordShape> keywords);

}  // namespace weir::command
