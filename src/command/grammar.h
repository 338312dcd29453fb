// Redis's grammar: what a line is made of, and what becomes of it.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "stream/request.h"
#include "stream/result.h"

namespace weir::command {

using Words = std::span<const std::string_view>;

/// A keyword with its values that stands apart from the words of a line, as a long option of the shell's does.
struct Given {
  std::string_view keyword;  ///< as Redis's documentation has it: "MAXLEN"
  std::array<std::string_view, 2> values{};
  std::size_t count = 0;  ///< of the values

  Words words() const { return Words(values).first(count); }
};

/// One command line. The text belongs to the caller, and is copied only into a request.
struct Line {
  Words words;  ///< the command's name first
  std::span<const Given> given = {};
};

/// What only begins or ends a transaction.
enum class Control { multi, exec, discard };

/// A look at a key or a group that comes before an error. If it is refused or counts 0, `absent` is the answer.
struct Look {
  Request request;
  std::variant<Reply, Error> absent;
};

/// A line with an error that Redis tells only after it has looked at what the line names, in this order.
struct Doubtful {
  std::vector<Look> looks;
  Error error;  ///< the answer if all is there
};

/// A request to a store, or the answer where none is needed.
using Parsed = std::variant<Request, Reply, Control, Doubtful>;

}  // namespace weir::command
