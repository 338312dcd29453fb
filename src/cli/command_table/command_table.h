// The table of commands, from which the parser, the help, the man pages and the completions are made.
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

/// Where a command's data begins: from there on, no word is an option. `--` begins data anywhere.
enum class Data {
  nowhere,
  after_stream,  ///< at the second word
  at_keyword,    ///< at the first word, if it is a keyword of Redis's grammar
};

struct Example {
  std::string_view line;
  std::string_view meaning;
};

/// What the word at a place of the command line names. Options do not count, and the line begins with a stream, as in
/// the shell.
struct Place {
  Named named = Named::nothing;
  bool more = false;  ///< the same for all further words
};

/// Everything that weir says and does for a command.
struct Command {
  std::string_view name;                         ///< weir's name, one or two words: "xadd", "group create"
  const command::RedisCommand* redis = nullptr;  ///< null: Redis has no such command
  Section section = Section::streams;
  command::Effect effect = command::Effect::none;  ///< of a command that Redis does not have
  std::string_view summary = {};
  std::span<const std::string_view> usage = {};  ///< without "weir": Redis's grammar first, then the shell's forms
  std::span<const Option> options = {};
  std::span<const Place> places = {};  ///< what the words name
  Data data = Data::nowhere;
  bool runs_program = false;  ///< the words after `--` are the command line of another program

  /// Runs the command: writes the answer to `session.out` (the caller flushes the rest) and returns the exit status: 0
  /// or 1, or that of a failure which the user has already been told. Null: the command prints help.
  Result<int> (*run)(const Session& session) = nullptr;
  /// Whether the words are in Redis's grammar rather than the shell's. Null: there is only one grammar.
  bool (*in_redis_words)(const Arguments& arguments) = nullptr;
  /// Makes the request. Null: the command line is in Redis's own grammar, with the keywords given as options.
  Result<command::Parsed> (*fill)(const Arguments& arguments) = nullptr;

  std::string_view nothing = {};      ///< told to a person if nothing came
  bool zero_is_nothing = false;       ///< a count of 0 means that nothing came: exit status 1
  bool leaves_pending = false;        ///< messages taken but not printed are still pending for the consumer
  bool for_monitors = false;          ///< any failure is a line on standard output, with exit status 3, unknown
  bool prints_json = false;           ///< in any format: JSON lines, or an array of them
  bool prints_text = false;           ///< in any format: plain text
  std::string_view columns = {};      ///< the columns of TSV and CSV, if the first line may lack some
  std::string_view all_columns = {};  ///< what --fields can name, if that is known; empty: any field
  std::span<const Example> examples = {};
  std::string_view notes = {};  ///< whatever else the user should know, in whole sentences; lines are broken later
  bool listed = true;           ///< false: no list of commands has it, as only users of Redis need it
};

/// The words of a command line.
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

/// The possible values of --output and --color.
enum class OutputChoice { automatic, lines, json, tsv, csv, table, redis, resp, resp3 };
enum class ColorChoice { automatic, always, never };

/// The options that can be given without a command.
std::span<const Option> global_options();
/// All of these except --verbose, which belongs to --version.
std::span<const Option> options_of_every_command();

/// What one or two words name. If `container` is set without a command, the first word has subcommands, and the second
/// is none of them (or is missing).
struct NameMatch {
  const Command* command = nullptr;
  std::string_view container;
};
NameMatch match_command(std::string_view first, std::optional<std::string_view> second);

/// The first word of the command's name in weir, and in Redis: "group" and "xgroup". The latter is empty if Redis has
/// no such command.
std::string_view first_name(const Command& command);
std::string_view redis_first_name(const Command& command);
/// Redis's first word, if it differs from weir's; else empty.
std::string_view other_first_name(const Command& command);
/// The name under which errors mention a subcommand: Redis's first word, or weir's if Redis has no such command.
std::string_view container_name(const Command& command);
command::Effect effect_of(const Command& command);
/// The usage in Redis's grammar, without the name. Empty: Redis has no such command, or it takes no words.
std::string_view redis_usage(const Command& command);
/// What the word at a place names. Words that are no options are counted from 0.
Named named_at(const Command& command, std::size_t place);

/// Redis's names of the commands that have a shorter name in weir.
class RedisNames {
 public:
  RedisNames();
  /// "xgroup" for "group"; any other word stays as it is.
  std::string_view of(std::string_view first_word) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> names_;  // weir's name, Redis's name
};

}  // namespace weir::cli
