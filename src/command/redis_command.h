// Redis's commands: one row for each, which stands beside its grammar.
#pragma once

#include <span>
#include <string_view>

#include "command/grammar.h"

namespace weir::command {

/// What a command does to the store. One that only looks has no need of a store that is not there.
enum class Effect { none, looks, writes, waits };

/// A keyword of a grammar, as Redis's documentation has it.
struct KeywordShape {
  std::string_view word;
  std::size_t values = 0;  ///< words that follow it
  bool refused = false;    ///< it belongs to another command, and is answered by an error of its own
};

/// Which words of a line name streams, the command's name left out.
enum class NamedStreams { none, first, first_two, all, after_streams };

/// A row. There is one of each, for as long as the program runs.
struct RedisCommand {
  std::string_view name;  ///< in small letters, a subcommand after a bar: "xadd", "xgroup|create"
  int arity = 0;          ///< words, name included; negative: at least so many
  Effect effect = Effect::none;
  /// Requires: the number of words fits the arity. Fails with `Failure::usage` and Redis's error text; the ID 0-0 in
  /// XADD is refused like any other ID that is too small.
  Result<Parsed> (*parse)(const Line& line) = nullptr;
  std::span<const KeywordShape> keywords = {};  ///< of its grammar
  NamedStreams names = NamedStreams::first;
  std::string_view group = "stream";  ///< where Redis's documentation has it
  bool delivers = false;              ///< what it reads is noted
};

/// Every command, by the name of its row. The rows are defined in the files of this folder, a file for each family.
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

/// Of a row's name: "xgroup" of "xgroup|create", and "create"; the second is empty where there is no subcommand.
std::string_view first_name(std::string_view name);
std::string_view second_name(std::string_view name);

/// Whether so many words, the command's name included, are what a row's arity says.
bool arity_fits(int arity, std::size_t words);

/// All rows, in the order above.
std::span<const RedisCommand* const> all_commands();

/// The command that `words` names, if Redis would let it pass to execution: the name and the subcommand exist
/// and the number of words is right. In MULTI, what fails here spoils the transaction.
Result<const RedisCommand*> find_command(Words words);

/// Fails as `find_command` does where the number of words does not fit.
Result<void> check_arity(const RedisCommand& command, std::size_t words);

/// Whether `word` is one of the command's keywords, in any case.
bool is_keyword(const RedisCommand& command, std::string_view word);

/// Parses a whole line of Redis's.
Result<Parsed> parse(Words words);

}  // namespace weir::command
