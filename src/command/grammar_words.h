// The pieces that several of Redis's commands share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "command/grammar.h"

namespace weir::command {

inline constexpr const char* kNotAnInteger = "value is not an integer or out of range";

/// Redis shows at most so many bytes of what it does not know.
inline constexpr std::size_t kShown = 128;
/// A word as it stands in an error: on one line, and cut.
std::string shown(std::string_view word, std::size_t limit = kShown);

/// A usage error; `text` is Redis's, without its `ERR `. The hint is for people: Redis's text does not name the word.
tl::unexpected<Error> refuse(std::string_view text, std::string hint = {});
/// `word`: the one that does not fit, if there is one.
tl::unexpected<Error> syntax_error(std::string_view word = {});
tl::unexpected<Error> wrong_arity(std::string_view redis_name);
/// "unknown subcommand or wrong number of arguments for …"
tl::unexpected<Error> subcommand_syntax_error(Words words);

Result<std::int64_t> integer(std::string_view word, std::string_view error = kNotAnInteger);
Result<std::int64_t> duration(std::string_view word, std::string_view error = kNotAnInteger);
/// What follows IDS: how many there are, then so many of them. These are the IDs.
Result<Words> counted_ids(Words following);

/// An ID; nothing else that may stand for one in a range.
Result<Id> strict_id(std::string_view word);

/// The start or the end of a range: `-`, `+`, an ID, a partial ID, or `(` and an ID.
Result<Id> range_start(std::string_view word);
Result<Id> range_end(std::string_view word);

std::string nogroup(std::string_view stream, std::string_view group);

}  // namespace weir::command
