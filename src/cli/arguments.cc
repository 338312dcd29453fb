#include "cli/arguments.h"

#include <algorithm>
#include <array>

#include "cli/suggest.h"
#include "util/words.h"

namespace weir::cli {

namespace {

// Whether all that comes after `words` is data.
bool data_begins(const Command& command, const std::vector<std::string>& words) {
  if (command.name == "xadd") {
    return words.size() > 1;
  }
  if (command.name == "xread" || command.name == "xreadgroup") {
    return !words.empty() && is_read_keyword(words[0]);
  }
  return false;
}

tl::unexpected<Error> unknown_command(std::string_view word) {
  if (word.empty()) {
    return fail(Failure::usage, "the name of the command is empty", "weir help lists the commands");
  }
  std::vector<std::string_view> names;
  for_each_command([&](const Command& command) {
    if (command.listed) {
      names.push_back(first_name(command));
      names.push_back(redis_first_name(command));
    }
  });
  auto closest = suggest_for_habit(word);
  if (!closest) {
    closest = suggest(word, names);
  }
  return fail(Failure::usage, "unknown command '" + std::string(word) + "'",
              closest ? "did you mean " + std::string(*closest) + "?" : "weir help lists the commands");
}

// `typed`: the name by which the user called the container.
tl::unexpected<Error> unknown_subcommand(std::string_view container, std::string_view typed,
                                         std::optional<std::string_view> word) {
  std::vector<std::string_view> names;
  std::string list;
  for_each_command([&](const Command& command) {
    if (container_name(command) == container) {
      names.push_back(command.name.substr(command.name.find(' ') + 1));
      list += (list.empty() ? "" : ", ") + std::string(names.back());
    }
  });
  if (!word) {
    return fail(Failure::usage, lower(typed) + " needs a subcommand", "it is one of: " + list);
  }
  const auto closest = suggest(*word, names);
  return fail(Failure::usage, "unknown subcommand '" + std::string(*word) + "' of " + lower(typed),
              closest ? "did you mean " + std::string(*closest) + "?" : "it is one of: " + list);
}

// Takes global options off the front of `rest`.
Result<void> leading_options(Argv& rest, Options& options) {
  OptionReader reader(nullptr, options);
  while (!rest.empty() && OptionReader::looks_like_option(rest[0]) && rest[0] != "--") {
    WEIR_ASSIGN(const std::size_t taken, reader.take(rest));
    rest = rest.subspan(taken);
  }
  return {};
}

// `weir -o ls` has taken the command for a value. Nothing at all, or a wish for help, is not a mistake.
Result<void> check_no_command_is_meant(const Options& options) {
  const auto& given = options.all();
  if (given.empty() || options.has("--help") || options.has("--version")) {
    return {};
  }
  const auto& [option, value] = given.back();
  return fail(Failure::usage, "no command was given",
              match_command(value, std::nullopt).command == nullptr
                  ? "weir help lists the commands"
                  : "'" + value + "' was taken as the value of " + std::string(option->name));
}

}  // namespace

bool is_read_keyword(std::string_view word) {
  constexpr std::array<std::string_view, 5> kKeywords{"streams", "count", "block", "group", "noack"};
  return std::any_of(kKeywords.begin(), kKeywords.end(), [&](std::string_view k) { return same_word(word, k); });
}

Result<void> read_arguments(Argv argv, Arguments& arguments) {
  Argv rest = argv;
  WEIR_TRY(leading_options(rest, arguments.options));
  if (rest.empty()) {
    return check_no_command_is_meant(arguments.options);
  }
  arguments.name.push_back(rest[0]);
  rest = rest.subspan(1);
  NameMatch match = match_command(arguments.name[0], std::nullopt);
  if (match.command == nullptr && !match.container.empty()) {
    WEIR_TRY(leading_options(rest, arguments.options));
    if (rest.empty()) {
      return arguments.options.has("--help") ? Result<void>()
                                             : unknown_subcommand(match.container, arguments.name[0], std::nullopt);
    }
    match = match_command(arguments.name[0], rest[0]);
    arguments.name.push_back(rest[0]);
    arguments.words.assign(rest.begin() + 1, rest.end());
    rest = rest.subspan(1);
    if (match.command == nullptr) {
      return unknown_subcommand(match.container, arguments.name[0], arguments.name[1]);
    }
  }
  if (match.command == nullptr) {
    arguments.words.assign(rest.begin(), rest.end());
    return unknown_command(arguments.name[0]);
  }
  arguments.words.clear();
  arguments.command = match.command;
  OptionReader reader(match.command, arguments.options);
  while (!rest.empty() && !data_begins(*match.command, arguments.words)) {
    if (rest[0] == "--") {
      arguments.dashes = arguments.words.size();
      rest = rest.subspan(1);
      break;
    }
    if (!OptionReader::looks_like_option(rest[0])) {
      arguments.words.push_back(rest[0]);
      rest = rest.subspan(1);
      continue;
    }
    WEIR_ASSIGN(const std::size_t taken, reader.take(rest));
    rest = rest.subspan(taken);
  }
  arguments.words.insert(arguments.words.end(), rest.begin(), rest.end());
  return {};
}

}  // namespace weir::cli
