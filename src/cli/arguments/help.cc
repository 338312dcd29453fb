#include "cli/arguments/help.h"

#include <algorithm>
#include <array>
#include <utility>

#include "text/words.h"

namespace weir::cli {

namespace {

constexpr std::array<std::pair<Section, std::string_view>, 5> kSections{{
    {Section::streams, "Streams"},
    {Section::groups, "Groups of workers"},
    {Section::looking, "Looking"},
    {Section::whole, "Whole streams"},
    {Section::tools, "Tools"},
}};

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  result.resize(std::max(result.size() + 2, width), ' ');
  return result;
}

// Writes lines of at most 78 characters. The first line continues in column `at`; the others are indented.
void write_wrapped(std::string& out, std::string_view text, std::size_t at, std::size_t indent) {
  constexpr std::size_t kWidth = 78;
  while (true) {
    std::size_t length = text.size();
    if (at + length > kWidth) {
      length = at < kWidth ? text.rfind(' ', kWidth - at) : std::string_view::npos;
      length = std::min(length == std::string_view::npos ? text.find(' ') : length, text.size());
    }
    out.append(text.substr(0, length)).append("\n");
    if (length == text.size()) {
      return;
    }
    text.remove_prefix(length + 1);
    out.append(indent, ' ');
    at = indent;
  }
}

void write_options(std::string& out, std::span<const Option> options) {
  constexpr std::size_t kColumn = 24;
  for (const Option& option : options) {
    std::string name = "  ";
    if (option.letter != '\0') {
      name.append("-").append(1, option.letter).append(", ");
    }
    name += option.name;
    if (takes_value(option)) {
      name.append(" ").append(option.value.called);
    }
    std::string meaning = meaning_of(option);
    if (!option.keyword.empty()) {
      meaning.append(" (").append(option.keyword).append(")");
    }
    const std::string head = padded(name, kColumn);
    out += head;
    write_wrapped(out, meaning, head.size(), kColumn);
  }
}

// Writes the usage in Redis's grammar and in the shell's forms, with headings if the command has both.
void write_usage(std::string& out, const Command& command) {
  constexpr std::string_view kHead = "  weir ";
  const bool both = command.redis != nullptr && command.usage.size() > 1;
  for (std::size_t i = 0; i < command.usage.size(); ++i) {
    if (i < 2) {
      out += !both ? (i == 0 ? "\nUsage:\n" : "") : i == 0 ? "\nAs in Redis:\n" : "\nOr:\n";
    }
    out += kHead;
    write_wrapped(out, command.usage[i], kHead.size(), kHead.size() + 4);
  }
}

void write_command(std::string& out, const Command& command) {
  out.append("weir ").append(command.name).append(": ").append(command.summary).append("\n");
  write_usage(out, command);
  if (const std::string_view redis = other_first_name(command); !redis.empty()) {
    out.append("\nIts other name is ").append(redis).append(command.name.substr(first_name(command).size()));
    out.append(".\n");
  }
  if (!command.notes.empty()) {
    out += '\n';
    write_wrapped(out, command.notes, 0, 0);
  }
  if (!command.options.empty()) {
    const bool words = std::any_of(command.options.begin(), command.options.end(),
                                   [](const Option& option) { return !option.keyword.empty(); });
    out += words ? "\nOptions (and the words of Redis that they stand for):\n" : "\nOptions:\n";
    write_options(out, command.options);
  }
  if (!command.examples.empty()) {
    out += "\nExamples:\n";
    for (const Example& example : command.examples) {
      out.append("  # ").append(example.meaning).append("\n  ").append(example.line).append("\n");
    }
  }
  out += "\nOptions of every command:\n";
  write_options(out, global_options_beside(&command));
}

void write_overview(std::string& out) {
  constexpr std::size_t kColumn = 24;
  out += "weir: Redis Streams in a file, from the shell\n\nusage: weir [OPTION...] COMMAND [ARGUMENT...]\n";
  for (const auto& [section, title] : kSections) {
    out.append("\n").append(title).append(":\n");
    for_each_command([&, wanted = section](const Command& command) {
      if (command.section == wanted && command.listed) {
        out.append(padded("  " + std::string(command.name), kColumn)).append(command.summary).append("\n");
      }
    });
  }
  out += "\nOptions:\n";
  write_options(out, global_options());
  out +=
      "\nExamples:\n"
      "  weir xadd emails to=ann@example.com subject=Hello     # append a message\n"
      "  weir xreadgroup emails --group senders --create       # take it, as one of a group\n"
      "  weir ls                                               # what is queued, and who is behind\n"
      "\n'weir help COMMAND' says more about a command.\n"
      "A fault? Report it to " WEIR_REPORT_TO
      ", with the version (weir --version),\n"
      "the command line, and what it printed.\n";
}

// Whether the command line seems to be meant in Redis's grammar.
bool is_meant_as_redis(const Arguments& arguments) {
  const Command& command = *arguments.command;
  const bool by_its_other_name = !same_word(arguments.name[0], first_name(command));
  if (by_its_other_name || arguments.name[0] == upper(arguments.name[0])) {
    return true;
  }
  if (command.in_redis_words != nullptr) {
    return command.in_redis_words(arguments);
  }
  return command.redis != nullptr && std::ranges::any_of(arguments.words, [&](std::string_view word) {
           return command::is_keyword(*command.redis, word);
         });
}

Result<int> write_topic(std::string& out, Argv words) {
  const auto second = words.size() > 1 ? std::optional(words[1]) : std::nullopt;
  const NameMatch match = match_command(words[0], second);
  const auto spaces = match.command != nullptr ? std::ranges::count(match.command->name, ' ') : 0;
  if (match.command != nullptr && words.size() > 1 && spaces == 0) {
    return fail(Failure::usage, std::string(match.command->name) + " has no subcommands",
                "write: weir help " + std::string(match.command->name));
  }
  if (match.command != nullptr) {
    write_command(out, *match.command);
    return 0;
  }
  if (!match.container.empty() && !second) {
    for_each_command([&](const Command& command) {
      if (container_name(command) == match.container && command.listed) {
        out.append(padded("weir " + std::string(command.name), 28)).append(command.summary).append("\n");
      }
    });
    return 0;
  }
  Arguments none;
  WEIR_TRY(read_arguments(words, none));
  return fail(Failure::usage, "no such command", "weir help lists the commands");
}

}  // namespace

std::string usage_of(const Arguments& arguments) {
  const Command& command = *arguments.command;
  // A user who gave too few words did not mean a form that reads standard input.
  const auto own = std::find_if(command.usage.begin() + 1, command.usage.end(),
                                [](std::string_view usage) { return usage.find("  <") == std::string_view::npos; });
  const std::string_view usage =
      is_meant_as_redis(arguments) || own == command.usage.end() ? command.usage.front() : *own;
  return "usage: weir " + std::string(usage);
}

std::optional<HelpTopic> help_wanted(const Arguments& arguments) {
  using Kind = HelpTopic::Kind;
  if (arguments.options.has("--version")) {
    return HelpTopic{arguments.options.has("--verbose") ? Kind::versions : Kind::version, {}};
  }
  if (arguments.name.empty()) {
    return HelpTopic{Kind::overview, {}};
  }
  if (arguments.options.has("--help")) {
    return HelpTopic{Kind::command, arguments.name};
  }
  if (arguments.command != nullptr && arguments.command->run == nullptr) {
    return arguments.words.empty() ? HelpTopic{Kind::overview, {}} : HelpTopic{Kind::command, arguments.words};
  }
  return std::nullopt;
}

Result<int> write_help(std::string& out, const HelpTopic& topic) {
  switch (topic.kind) {
    case HelpTopic::Kind::version:
    case HelpTopic::Kind::versions:
      out += "weir " WEIR_VERSION "\n";
      return 0;
    case HelpTopic::Kind::overview:
      write_overview(out);
      return 0;
    case HelpTopic::Kind::command:
      break;
  }
  return write_topic(out, topic.words);
}

}  // namespace weir::cli
