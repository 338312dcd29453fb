// Redis's grammar: the words of one command line to a request, with Redis's own refusals.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stream/request.h"
#include "util/result.h"

namespace weir::cli {

/// What only begins or ends a transaction of `batch`.
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
using Words = std::span<const std::string>;

struct Command;

/// The command that `words` names, if Redis would let it pass to execution: the name and the subcommand exist
/// and the number of words is right. In MULTI, what fails here spoils the transaction.
Result<const Command*> find_redis_command(Words words);

/// Parses a whole line, command name first. Every failure is `Failure::usage` with Redis's error text, except
/// the ID 0-0 in XADD, which is refused like any other ID that is too small.
Result<Parsed> parse_redis(Words words);

// One parser for each command, in the files grammar_*.cc; the command table refers to them.
// Requires: the number of words fits the command's arity.
Result<Parsed> parse_xadd(Words words);
Result<Parsed> parse_xlen(Words words);
Result<Parsed> parse_xrange(Words words);
Result<Parsed> parse_xrevrange(Words words);
Result<Parsed> parse_xdel(Words words);
Result<Parsed> parse_xtrim(Words words);
Result<Parsed> parse_xsetid(Words words);
Result<Parsed> parse_xread(Words words);
Result<Parsed> parse_xreadgroup(Words words);
Result<Parsed> parse_xgroup_create(Words words);
Result<Parsed> parse_xgroup_setid(Words words);
Result<Parsed> parse_xgroup_destroy(Words words);
Result<Parsed> parse_xgroup_createconsumer(Words words);
Result<Parsed> parse_xgroup_delconsumer(Words words);
Result<Parsed> parse_xgroup_help(Words words);
Result<Parsed> parse_xack(Words words);
Result<Parsed> parse_xnack(Words words);
Result<Parsed> parse_xpending(Words words);
Result<Parsed> parse_xclaim(Words words);
Result<Parsed> parse_xautoclaim(Words words);
Result<Parsed> parse_xinfo_stream(Words words);
Result<Parsed> parse_xinfo_groups(Words words);
Result<Parsed> parse_xinfo_consumers(Words words);
Result<Parsed> parse_xinfo_help(Words words);
Result<Parsed> parse_del(Words words);
Result<Parsed> parse_exists(Words words);
Result<Parsed> parse_rename(Words words);
Result<Parsed> parse_type(Words words);
Result<Parsed> parse_keys(Words words);
Result<Parsed> parse_flushall(Words words);
Result<Parsed> parse_ping(Words words);
Result<Parsed> parse_echo(Words words);
Result<Parsed> parse_multi(Words words);
Result<Parsed> parse_exec(Words words);
Result<Parsed> parse_discard(Words words);

}  // namespace weir::cli
