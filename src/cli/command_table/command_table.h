// The one table of commands. Parser, help, man pages and completions are all made from it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_table/option.h"
#include "command/redis_command.h"

namespace weir::cli {

struct Arguments;
struct Session;

/// The groups in which `weir` alone lists its commands.
enum class Section { streams, groups, looking, whole, tools };

/// Where a command's data begins: from there on nothing is taken for an option. `--` begins it anywhere.
enum class Data {
  nowhere,
  after_stream,  ///< with the second word
  at_keyword,    ///< where the first word is a keyword of Redis's grammar
};

struct Example {
  std::string_view line;
  std::string_view meaning;
};

/// What stands at a place of the command line, options left out, when it begins with a stream as in the shell.
struct Place {
  Named named = Named::nothing;
  bool more = false;  ///< all words from here on
};

/// All that weir says and does for a command.
struct Command {
  std::string_view name;                         ///< weir's, one or two words: "xadd", "group create"
  const command::RedisCommand* redis = nullptr;  ///< null: Redis has no such command
  Section section = Section::streams;
  command::Effect effect = command::Effect::none;  ///< of one that Redis does not have
  std::string_view summary = {};
  std::span<const std::string_view> usage = {};  ///< without "weir": Redis's grammar first, then the shell's forms
  std::span<const Option> options = {};
  std::span<const Place> places = {};  ///< what its words name
  Data data = Data::nowhere;
  bool runs_program = false;  ///< what follows `--` is the command line of another program

  /// Runs it: writes the answer to `session.out` (whose rest the caller flushes) and gives the exit status: 0 or 1, or
  /// a failure's where it has already told the user of it. Null: it prints help.
  Result<int> (*run)(const Session& session) = nullptr;
  /// Whether the words are in Redis's grammar, not in the shell's. Null: there is one grammar.
  bool (*in_redis_words)(const Arguments& arguments) = nullptr;
  /// The request of a command line, where it is not Redis's own grammar with the keywords that were given as options.
  Result<command::Parsed> (*fill)(const Arguments& arguments) = nullptr;

  std::string_view nothing = {};      ///< said to a person when nothing came
  bool zero_is_nothing = false;       ///< a count of 0 is as if nothing came: exit status 1
  bool leaves_pending = false;        ///< what was taken and could not be printed is still there for its consumer
  bool for_monitors = false;          ///< whatever fails is told in a line on standard output; exit status 3, unknown
  bool prints_json = false;           ///< whatever the format: JSON lines, or an array of them
  bool prints_text = false;           ///< whatever the format: text as it is
  std::string_view columns = {};      ///< of TSV and CSV, where lines can have more members than the first of them has
  std::string_view all_columns = {};  ///< what --fields can name, where that is known; empty: it may be any field
  std::span<const Example> examples = {};
  std::string_view notes = {};  ///< what else is to be known, in whole sentences; lines are broken by the reader
  bool listed = true;           ///< false: for those who know Redis; no list of commands has it
};

/// What a command line is taken from.
using Argv = std::span<const std::string_view>;

/// The rows, section by section.
std::array<std::span<const Command>, 6> command_rows();

template <typename F>
void for_each_command(F&& f) {
  for (const auto rows : command_rows()) {
    for (const Command& command : rows) {
      f(command);
    }
  }
}

/// What --output and --color can be told.
enum class OutputChoice { automatic, lines, json, tsv, csv, table, redis, resp, resp3 };
enum class ColorChoice { automatic, always, never };

/// What can be said without a command.
std::span<const Option> global_options();
/// All of these but --verbose, which goes with --version.
std::span<const Option> options_of_every_command();

/// What one or two words name. With `container` set and no command, the first word has subcommands and the
/// second is none of them (or is missing).
struct NameMatch {
  const Command* command = nullptr;
  std::string_view container;
};
NameMatch match_command(std::string_view first, std::optional<std::string_view> second);

/// The first word of weir's name for a command, and of Redis's: "group" and "xgroup". Redis's is empty where it has no
/// such command.
std::string_view first_name(const Command& command);
std::string_view redis_first_name(const Command& command);
/// Redis's first name, where it is another than weir's; else empty.
std::string_view other_first_name(const Command& command);
/// What a subcommand is said to belong to: Redis's first name, or weir's where Redis has no such command.
std::string_view container_name(const Command& command);
command::Effect effect_of(const Command& command);
/// Its usage in Redis's grammar, the name left out. Empty: Redis has no such command, or it takes nothing.
std::string_view redis_usage(const Command& command);
/// What stands at a place: the words that are no options are counted from 0.
Named named_at(const Command& command, std::size_t place);

/// What Redis calls the commands that have a short name in weir.
class RedisNames {
 public:
  RedisNames();
  /// "xgroup" for "group"; any other word stays as it is.
  std::string_view of(std::string_view first_word) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> names_;  // weir's, Redis's
};

}  // namespace weir::cli
