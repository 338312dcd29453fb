#include "cli/arguments/arguments.h"

#include <algorithm>

#include "cli/arguments/help.h"
#include "cli/arguments/suggest.h"
#include "text/words.h"

namespace weir::cli {

namespace {

tl::unexpected<Error> unknown_command(std::string_view word) {
  if (word.empty()) {
    return fail(Failure::usage, "the name of the command is empty", "weir help lists the commands");
  }
  std::vector<std::string_view> names;
  std::vector<std::string_view> subcommands;  // with the container: `requeue` may be meant for `dead requeue`
  for_each_command([&](const Command& command) {
    if (command.listed) {
      names.push_back(first_name(command));
      names.push_back(redis_first_name(command));
      subcommands.push_back(command.name);
    }
  });
  std::string meant(suggest_for_habit(word).value_or(""));
  for (const auto& candidates : {names, subcommands}) {
    meant = meant.empty() ? suggest(word, candidates) : meant;
  }
  return fail(Failure::usage, "unknown command '" + std::string(word) + "'",
              meant.empty() ? "weir help lists the commands" : "did you mean " + meant + "?");
}

// `typed`: the container's name as the user wrote it.
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
  const std::string meant = suggest(*word, names);
  return fail(Failure::usage, "unknown subcommand '" + std::string(*word) + "' of " + lower(typed),
              meant.empty() ? "it is one of: " + list : "did you mean " + meant + "?");
}

// Takes global options off the front of `rest`.
Result<void> leading_options(Argv& rest, OptionReader& reader) {
  while (!rest.empty() && OptionReader::looks_like_option(rest[0]) && rest[0] != "--") {
    WEIR_ASSIGN(const std::size_t taken, reader.take(rest));
    rest = rest.subspan(taken);
  }
  return {};
}

// Takes the command's name off the front of `rest`. If there is no such command, `arguments.words` has what is left.
Result<void> take_name(Argv& rest, OptionReader& reader, Arguments& arguments) {
  arguments.name.push_back(rest[0]);
  rest = rest.subspan(1);
  NameMatch match = match_command(arguments.name[0], std::nullopt);
  if (match.command == nullptr && !match.container.empty()) {
    WEIR_TRY(leading_options(rest, reader));
    if (rest.empty()) {
      return {};
    }
    match = match_command(arguments.name[0], rest[0]);
    arguments.name.push_back(rest[0]);
    rest = rest.subspan(1);
    if (match.command == nullptr) {
      arguments.words.assign(rest.begin(), rest.end());
      return unknown_subcommand(match.container, arguments.name[0], arguments.name[1]);
    }
  }
  if (match.command == nullptr) {
    arguments.words.assign(rest.begin(), rest.end());
    return unknown_command(arguments.name[0]);
  }
  arguments.command = match.command;
  return {};
}

Result<void> take_words(Argv rest, OptionReader& reader, Arguments& arguments) {
  while (!rest.empty() && !data_begins(*arguments.command, arguments.words)) {
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

Result<void> take_all(Argv argv, OptionReader& reader, Arguments& arguments) {
  WEIR_TRY(leading_options(argv, reader));
  if (argv.empty()) {
    return {};
  }
  WEIR_TRY(take_name(argv, reader, arguments));
  if (arguments.command == nullptr) {
    return {};
  }
  arguments.options.set_command(arguments.command);
  return take_words(argv, reader, arguments);
}

// An extra word would be ignored, and `weir verify old.db` would then be about another database. Redis's commands count
// their own words.
Result<void> check_number_of_words(const Arguments& arguments) {
  const Command& command = *arguments.command;
  const std::size_t most = command.places.size();
  if (command.redis != nullptr || arguments.words.size() <= most || (most > 0 && command.places.back().more)) {
    return {};
  }
  const std::string name(command.name);
  if (most == 0) {
    return fail(Failure::usage, name + " takes no words",
                (command.effect != command::Effect::none ? "name the database with --db; " : "") + usage_of(arguments));
  }
  return fail(Failure::usage,
              name + " takes " + (most == 1 ? "one word" : std::to_string(most) + " words") + ", and there are " +
                  std::to_string(arguments.words.size()),
              usage_of(arguments));
}

// No command was named. An empty line or a wish for help is no mistake.
Result<void> check_none_is_meant(const OptionReader& reader, const Arguments& arguments) {
  const Options& options = arguments.options;
  if (options.has("--help") || (arguments.name.empty() && (reader.is_empty() || options.has("--version")))) {
    return {};
  }
  if (!arguments.name.empty()) {
    const NameMatch match = match_command(arguments.name[0], std::nullopt);
    return unknown_subcommand(match.container, arguments.name[0], std::nullopt);
  }
  // In `weir -o ls`, the command was taken for the value of -o.
  const auto& [option, value] = reader.last_value();
  const bool taken = option != nullptr && match_command(value, std::nullopt).command != nullptr;
  return fail(Failure::usage, "no command was given",
              taken ? "'" + std::string(value) + "' was taken as the value of " + std::string(option->name)
                    : "weir help lists the commands");
}

}  // namespace

bool data_begins(const Command& command, std::span<const std::string_view> words) {
  switch (command.data) {
    case Data::after_stream:
      return words.size() > 1;
    case Data::at_keyword:
      return !words.empty() && command::is_keyword(*command.redis, words[0]);
    case Data::nowhere:
      break;
  }
  return false;
}

Result<void> read_arguments(Argv argv, Arguments& arguments) {
  OptionReader reader(arguments.options);
  auto taken = take_all(argv, reader, arguments);
  auto options = reader.finish();
  if (taken && options && arguments.command != nullptr && arguments.options.has("--verbose") &&
      find_option(arguments.command, "--verbose") == nullptr) {
    return fail(Failure::usage, "--verbose before a command goes with --version only", "write: weir --version -v");
  }
  if (taken && options && arguments.command != nullptr) {
    const bool runs = !arguments.options.has("--help") && !arguments.options.has("--version");
    return runs ? check_number_of_words(arguments) : options;
  }
  if (!taken || arguments.command != nullptr) {
    return taken ? options : taken;
  }
  // If a command was taken for the value of an option, that is the mistake to report.
  auto meant = check_none_is_meant(reader, arguments);
  return meant ? options : meant;
}

}  // namespace weir::cli
