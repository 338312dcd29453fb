// Pieces of grammar that several of Redis's commands share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "command/grammar.h"

namespace weir::command {

inline constexpr const char* kNotAnInteger = "value is not an integer or out of range";

/// Redis shows at most so many bytes of an unknown word.
inline constexpr std::size_t kShown = 128;
/// A word as an error shows it: on one line, and shortened.
std::string shown(std::string_view word, std::size_t limit = kShown);

/// A usage error. `text` is what Redis says, without `ERR `. The hint is for people, since Redis's text does not name
/// the wrong word.
tl::unexpected<Error> refuse(std::string_view text, std::string hint = {});
/// `word`: the wrong word, if there is one.
tl::unexpected<Error> syntax_error(std::string_view word = {});
tl::unexpected<Error> wrong_arity(std::string_view redis_name);
/// "unknown subcommand or wrong number of arguments for …"
tl::unexpected<Error> subcommand_syntax_error(Words words);

Result<std::int64_t> integer(std::string_view word, std::string_view error = kNotAnInteger);
Result<std::int64_t> duration(std::string_view word, std::string_view error = kNotAnInteger);
/// Reads what follows IDS: a number, and then so many IDs. Returns the IDs.
Result<Words> counted_ids(Words following);

/// Reads an ID; refuses other words that may stand for an ID in a range.
Result<Id> strict_id(std::string_view word);

/// The start or the end of a range: `-`, `+`, an ID, a partial ID, or `(` and an ID.
Result<Id> range_start(std::string_view word);
Result<Id> range_end(std::string_view word);

}  // namespace weir::command
