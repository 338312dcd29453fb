// Redis's grammar: the parts of a line, and the results of parsing it.
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

/// A keyword with its values, given apart from the words of a line, such as a long option in the shell.
struct Given {
  std::string_view keyword;  ///< as Redis's documentation writes it: "MAXLEN"
  std::array<std::string_view, 2> values{};
  std::size_t count = 0;  ///< how many values there are

  Words words() const { return Words(values).first(count); }
};

/// One command line. The caller owns the text; it is copied only into a request.
struct Line {
  Words words;  ///< the command's name comes first
  std::span<const Given> given = {};
};

/// Commands that only begin or end a transaction.
enum class Control { multi, exec, discard };

/// A look at a key or a group that Redis takes before it reports an error. `absent` is the answer if the look is
/// refused or counts 0.
struct Look {
  Request request;
  std::variant<Reply, Error> absent;
};

/// A line with an error that Redis reports only after it has looked, in this order, at what the line names.
struct Doubtful {
  std::vector<Look> looks;
  Error error;  ///< the answer if everything exists
};

/// A request to a store, or an answer that needs no store.
using Parsed = std::variant<Request, Reply, Control, Doubtful>;

}  // namespace weir::command
