// What a line of usage says of a command's words, in parts: as COMMAND DOCS tells it, from which redis-cli makes its
// hints.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "command/redis_command.h"

namespace weir::command {

/// What is written of a command, beside its row.
struct Documented {
  std::string_view summary = {};
  std::string_view usage = {};  ///< in Redis's grammar, the command's name left out
};

/// A word of a command, or several that belong together.
struct Argument {
  enum class Kind {
    stream,
    text,
    number,
    unix_ms,  ///< a time
    glob,
    token,   ///< the word that is in `token`
    one_of,  ///< of `parts`
    block,   ///< all `parts`, in this order
  };
  Kind kind = Kind::text;
  std::string_view called = {};  ///< as in the line, in capital letters; empty: it is made of parts
  std::string_view token = {};   ///< the word that it is, or that stands before it; empty: none
  bool optional = false;
  bool several = false;  ///< once or more often
  std::vector<Argument> parts = {};
};

/// `line` is a usage in Redis's grammar, the command's name left out: `STREAM [COUNT N] ID [ID ...]`. What is not one
/// of its keywords, and is no word that stands for a value, is a keyword, too. A bar binds more than a space, but
/// between a value and a keyword. Whatever the line looks like: something is made of it. Lifetime: the views are parts
/// of `line`.
std::vector<Argument> arguments_of(std::string_view line, std::span<const KeywordShape> keywords);

}  // namespace weir::command
