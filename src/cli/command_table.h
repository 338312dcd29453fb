// The one table of commands. Parser, help, man pages and completions are all made from it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include <string>

#include "command/redis_command.h"

namespace weir::cli {

/// The groups in which `weir` alone lists its commands.
enum class Section { streams, groups, looking, whole, tools };

/// A long option. `keyword` is the word of Redis's grammar that it stands for; without one it is weir's own.
struct Option {
  std::string_view name;      ///< with its dashes: "--count"
  std::string_view argument;  ///< what help calls it: "N"; empty: it takes none
  std::string_view meaning;
  std::string_view keyword = {};
  char letter = '\0';  ///< its short form, if it has one
};

struct Example {
  std::string_view line;
  std::string_view meaning;
};

struct Command {
  std::string_view name;                         ///< weir's, one or two words: "xadd", "group create"
  const command::RedisCommand* redis = nullptr;  ///< null: Redis has no such command
  Section section = Section::streams;
  command::Effect effect = command::Effect::none;  ///< of one that Redis does not have
  std::string_view summary = {};
  std::span<const std::string_view> usage = {};  ///< without "weir": Redis's grammar first, then the shell's forms
  std::span<const Option> options = {};
  std::span<const Example> examples = {};
  std::string_view notes = {};  ///< what else is to be known, in whole sentences; lines are broken by the reader
  bool listed = true;           ///< false: for those who know Redis; no list of commands has it
};

/// What a command line is taken from.
using Argv = std::span<const std::string>;

/// The rows, section by section.
std::array<std::span<const Command>, 4> command_rows();

template <typename F>
void for_each_command(F&& f) {
  for (const auto rows : command_rows()) {
    for (const Command& command : rows) {
      f(command);
    }
  }
}

/// Options that every command takes.
std::span<const Option> global_options();

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
command::Effect effect_of(const Command& command);
/// The words as Redis names the command that they begin with: "xgroup create …" for "group create …".
std::vector<std::string_view> in_redis_names(std::span<const std::string_view> words);
/// What a subcommand is said to belong to: Redis's first name, or weir's where Redis has no such command.
std::string_view container_name(const Command& command);

}  // namespace weir::cli
