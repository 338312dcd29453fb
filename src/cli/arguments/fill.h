// The shell's forms: makes the request from the words and options of a command line. See `Command::fill`.
#pragma once

#include "cli/arguments/arguments.h"

namespace weir::cli {

/// The keywords of Redis's grammar that the user gave as options. Lifetime: the text is that of `arguments`.
std::vector<command::Given> given_of(const Arguments& arguments);

/// Parses `words` in Redis's grammar, together with the keywords given as options. `words` does not include the
/// command's name. Requires: Redis has the command.
Result<command::Parsed> parse_words(const Arguments& arguments, command::Words words,
                                    std::span<const command::Given> given);

/// Parses the command line, in either grammar.
Result<command::Parsed> parse_arguments(const Arguments& arguments);

/// Redis allows empty names, but in a shell an empty name is a variable that is not set: fails with `Failure::usage`.
Result<void> check_none_is_empty(const Arguments& arguments);

// See `Command::in_redis_words`.
bool adds_in_redis_words(const Arguments& arguments);
bool reads_in_redis_words(const Arguments& arguments);
bool trims_in_redis_words(const Arguments& arguments);
bool removes_in_redis_words(const Arguments& arguments);
bool nacks_in_redis_words(const Arguments& arguments);

// See `Command::fill`.
Result<command::Parsed> fill_add(const Arguments& arguments);
Result<command::Parsed> fill_range(const Arguments& arguments);
Result<command::Parsed> fill_reverse_range(const Arguments& arguments);
Result<command::Parsed> fill_read(const Arguments& arguments);
Result<command::Parsed> fill_group_read(const Arguments& arguments);
Result<command::Parsed> fill_delex(const Arguments& arguments);
Result<command::Parsed> fill_trim(const Arguments& arguments);
Result<command::Parsed> fill_group_create(const Arguments& arguments);
Result<command::Parsed> fill_ack(const Arguments& arguments);
Result<command::Parsed> fill_ackdel(const Arguments& arguments);
Result<command::Parsed> fill_pending(const Arguments& arguments);
Result<command::Parsed> fill_nack(const Arguments& arguments);
Result<command::Parsed> fill_autoclaim(const Arguments& arguments);

/// The model for the JSON lines of XADD: everything but the fields. Its stream is empty if none was given.
Result<Xadd> fill_append_model(const Arguments& arguments);

}  // namespace weir::cli
