// Redis's commands. Each has one row, next to its grammar.
#pragma once

#include <span>
#include <string_view>

#include "command/grammar.h"

namespace weir::command {

/// What a command does to the store. A command that only looks can do without a store that does not exist.
enum class Effect { none, looks, writes, waits };

/// A keyword, as Redis's documentation writes it.
struct KeywordShape {
  std::string_view word;
  std::size_t values = 0;  ///< how many words follow it
  bool refused = false;    ///< belongs to another command, and is answered with an error of its own
};

/// Which words of a line name streams, not counting the command's name.
enum class NamedStreams { none, first, first_two, all, after_streams };

/// The row of a command. It exists once and for as long as the program runs.
struct RedisCommand {
  std::string_view name;  ///< in small letters; a subcommand follows a bar: "xadd", "xgroup|create"
  int arity = 0;          ///< how many words, including the name; negative: at least that many
  Effect effect = Effect::none;
  /// Parses the line. Requires: the number of words fits the arity. Fails with `Failure::usage` and Redis's error text.
  /// XADD refuses the ID 0-0 like any other ID that is too small.
  Result<Parsed> (*parse)(const Line& line) = nullptr;
  std::span<const KeywordShape> keywords = {};  ///< the keywords of the grammar
  NamedStreams names = NamedStreams::first;
  std::string_view group = "stream";  ///< its group in Redis's documentation
  bool delivers = false;              ///< what it reads is recorded as delivered
};

/// All commands, by the names of their rows. The rows are defined in this folder, one file for each family.
#define WEIR_REDIS_COMMANDS(COMMAND) \
  COMMAND(xadd)                      \
  COMMAND(xread)                     \
  COMMAND(xrange)                    \
  COMMAND(xrevrange)                 \
  COMMAND(xlen)                      \
  COMMAND(xdel)                      \
  COMMAND(xdelex)                    \
  COMMAND(xtrim)                     \
  COMMAND(xsetid)                    \
  COMMAND(xcfgset)                   \
  COMMAND(xidmprecord)               \
  COMMAND(xreadgroup)                \
  COMMAND(xack)                      \
  COMMAND(xackdel)                   \
  COMMAND(xnack)                     \
  COMMAND(xpending)                  \
  COMMAND(xclaim)                    \
  COMMAND(xautoclaim)                \
  COMMAND(xgroup_create)             \
  COMMAND(xgroup_setid)              \
  COMMAND(xgroup_destroy)            \
  COMMAND(xgroup_createconsumer)     \
  COMMAND(xgroup_delconsumer)        \
  COMMAND(xgroup_help)               \
  COMMAND(xinfo_stream)              \
  COMMAND(xinfo_groups)              \
  COMMAND(xinfo_consumers)           \
  COMMAND(xinfo_help)                \
  COMMAND(del)                       \
  COMMAND(unlink)                    \
  COMMAND(exists)                    \
  COMMAND(touch)                     \
  COMMAND(rename)                    \
  COMMAND(type)                      \
  COMMAND(keys)                      \
  COMMAND(flushall)                  \
  COMMAND(flushdb)                   \
  COMMAND(ping)                      \
  COMMAND(echo)                      \
  COMMAND(multi)                     \
  COMMAND(exec)                      \
  COMMAND(discard)

namespace rows {
#define WEIR_DECLARE_ROW(name) extern const RedisCommand name;
WEIR_REDIS_COMMANDS(WEIR_DECLARE_ROW)
#undef WEIR_DECLARE_ROW
}  // namespace rows

/// The parts of a row's name: "xgroup" and "create" of "xgroup|create". The second is empty if there is no subcommand.
std::string_view first_name(std::string_view name);
std::string_view second_name(std::string_view name);

/// Whether a number of words, including the command's name, fits the arity.
bool arity_fits(int arity, std::size_t words);

/// All rows, in the order above.
std::span<const RedisCommand* const> all_commands();

/// The command that `words` names, if Redis would begin to execute it: the name and the subcommand exist and the number
/// of words is right. In MULTI, a failure here spoils the transaction.
Result<const RedisCommand*> find_command(Words words);

/// Fails like `find_command` if the number of words is wrong.
Result<void> check_arity(const RedisCommand& command, std::size_t words);

/// Whether `word` is one of the command's keywords, in upper or lower case.
bool is_keyword(const RedisCommand& command, std::string_view word);

/// Parses a whole Redis line.
Result<Parsed> parse(Words words);

}  // namespace weir::command
