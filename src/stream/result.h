// Expected failures are values. No exception crosses a module's border but std::bad_alloc, which is caught by whoever
// has others to answer, or something to give back, and else by cli/program.cc; and the std::runtime_error of
// io/simdjson_library.cc, where simdjson is missing.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace weir {

/// What kind of failure it is. The values are the program's exit statuses.
enum class Failure {
  usage = 2,      ///< the arguments are wrong
  refused = 3,    ///< the state of the store forbids it: NOGROUP, BUSYGROUP, an ID too small
  bad_input = 4,  ///< data from standard input is wrong
  store = 5,      ///< the store cannot be opened, is busy, full, read-only, damaged, out of reach
};

/// The cause of a failure, as far as the caller acts on it.
enum class Cause {
  other,    ///< a failure of the store may pass: trying again can help
  lasting,  ///< a failure of the store that does not pass: trying again cannot help
  no_room,  ///< the disk is full, and nothing that was asked for is done
  output,   ///< standard output cannot be written
};

/// A failure, told to the user as `weir: <message>` and, on a second line, `<hint>` if there is one.
///
/// `message` is one line without a final full stop. For a command that Redis would refuse, the message is Redis's own
/// error text, code included ("ERR syntax error", "NOGROUP No such key …").
struct Error {
  Failure failure = Failure::store;
  std::string message;
  std::string hint = {};
  Cause cause = Cause::other;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Failure failure, std::string message, std::string hint = {}) {
  return tl::unexpected<Error>(Error{failure, std::move(message), std::move(hint)});
}

}  // namespace weir

/// Evaluates a `Result` expression; on failure returns its error from the enclosing function.
#define WEIR_TRY(expression)                                              \
  do {                                                                    \
    if (auto weir_result = (expression); !weir_result) {                  \
      return tl::unexpected<weir::Error>(std::move(weir_result).error()); \
    }                                                                     \
  } while (false)

#define WEIR_CONCAT_(a, b) a##b
#define WEIR_CONCAT(a, b) WEIR_CONCAT_(a, b)

/// `WEIR_ASSIGN(auto x, f())`: declares or assigns `x` from a `Result`, or returns its error.
#define WEIR_ASSIGN(declaration, expression) WEIR_ASSIGN_(WEIR_CONCAT(weir_result_, __LINE__), declaration, expression)
#define WEIR_ASSIGN_(result, declaration, expression)              \
  auto result = (expression);                                      \
  if (!result) {                                                   \
    return tl::unexpected<weir::Error>(std::move(result).error()); \
  }                                                                \
  declaration = std::move(*result)
