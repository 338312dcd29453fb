// The one table of commands. Parser, help, man pages and completions are all made from it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "cli/grammar.h"

namespace weir::cli {

/// The groups in which `weir` alone lists its commands.
enum class Section { streams, groups, looking, whole, tools };

/// What a command does to the store. Only one that looks is content with a database that is not there: it says so.
enum class Effect { none, looks, writes, waits };

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
  std::string_view name;   ///< weir's name, one or two words: "xadd", "group create"
  std::string_view redis;  ///< Redis's full name: "xadd", "xgroup|create"; empty if Redis has no such command
  Section section = Section::streams;
  Effect effect = Effect::none;
  int arity = 0;  ///< words in Redis's grammar, name included; negative: at least so many
  Result<Parsed> (*parse)(Words) = nullptr;
  std::string_view summary;
  std::span<const std::string_view> usage;  ///< without "weir": Redis's grammar first, then the shell's forms
  std::span<const Option> options;
  std::span<const Example> examples;
  std::string_view notes;   ///< what else is to be known, in whole sentences; lines are broken by the reader
  bool batch_only = false;  ///< stands in `batch` only, for those who know Redis
};

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

/// The first word of weir's name for a command, and of Redis's: "group" and "xgroup".
std::string_view first_name(const Command& command);
std::string_view redis_first_name(const Command& command);
/// What a subcommand is said to belong to: Redis's first name, or weir's where Redis has no such command.
std::string_view container_name(const Command& command);

}  // namespace weir::cli
