#include "cli/arguments/given_options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "cli/arguments/suggest.h"

namespace weir::cli {

const GivenOption* Options::find(std::string_view name) const {
  const auto it = std::find_if(given_.begin(), given_.end(), [&](const auto& g) { return g.option->name == name; });
  return it == given_.end() ? nullptr : &*it;
}

std::optional<std::string> Options::text(std::string_view name) const {
  const GivenOption* given = find(name);
  return given == nullptr ? std::nullopt : std::optional(given->text);
}

std::vector<std::string_view> Options::texts(std::string_view name) const {
  std::vector<std::string_view> texts;
  for (const GivenOption& given : given_) {
    if (given.option->name == name) {
      texts.emplace_back(given.text);
    }
  }
  return texts;
}

std::optional<std::int64_t> Options::number(std::string_view name) const {
  const GivenOption* given = find(name);
  return given == nullptr ? std::nullopt : std::optional(given->number);
}

std::optional<std::chrono::milliseconds> Options::time(std::string_view name) const {
  const auto value = number(name);
  return value ? std::optional(std::chrono::milliseconds(*value)) : std::nullopt;
}

bool Options::stands_apart(std::string_view name) const {
  const GivenOption* given = find(name);
  return given != nullptr && given->apart;
}

Result<int> Options::chosen(std::string_view name) const {
  if (const GivenOption* given = find(name)) {
    return static_cast<int>(given->number);
  }
  const Option& option = *find_option(command_, name);
  std::int64_t meaning = 0;
  if (const char* text = option.variable == nullptr ? nullptr : std::getenv(option.variable);
      text != nullptr && *text != '\0') {
    if (auto expected = misfit(option.value, text, meaning)) {
      return tl::unexpected<Error>(wrong_value("$" + std::string(option.variable), text, std::move(*expected)));
    }
  } else {
    misfit(option.value, option.value.standard, meaning);
  }
  return static_cast<int>(meaning);
}

void Options::set(GivenOption given) {
  const auto it = std::find_if(given_.begin(), given_.end(), [&](const auto& g) { return g.option == given.option; });
  if (it != given_.end() && !given.option->value.several) {
    *it = std::move(given);
  } else {
    given_.push_back(std::move(given));
  }
}

const Option* find_option(const Command* command, std::string_view name) {
  const auto matches = [&](const Option& option) {
    return name.starts_with("--") ? option.name == name
                                  : name.size() == 2 && option.letter != '\0' && option.letter == name[1];
  };
  const auto search = [&](std::span<const Option> options) {
    const auto it = std::find_if(options.begin(), options.end(), matches);
    return it == options.end() ? nullptr : &*it;
  };
  const Option* found = command == nullptr ? nullptr : search(command->options);
  return found != nullptr ? found : search(command == nullptr ? global_options() : options_of_every_command());
}

std::vector<Option> global_options_beside(const Command* command) {
  std::vector<Option> options;
  std::ranges::copy_if(global_options(), std::back_inserter(options),
                       [&](const Option& option) { return find_option(command, option.name) == &option; });
  return options;
}

Error wrong_value(std::string_view name, std::string_view text, std::string expected) {
  return {Failure::usage, "'" + std::string(text) + "' is not a value for " + std::string(name), std::move(expected)};
}

bool OptionReader::looks_like_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9');
}

Error OptionReader::unknown(std::string_view name, std::string_view word) const {
  std::vector<std::string_view> names;
  for (const Option& option : global_options()) {
    names.push_back(option.name);
  }
  std::string hint = "weir help lists the commands and options";
  if (options_.command() != nullptr) {
    for (const Option& option : options_.command()->options) {
      names.push_back(option.name);
    }
    hint = "'weir help " + std::string(options_.command()->name) +
           "' lists the options; write -- before data that begins with a dash";
  }
  if (name == "-V") {
    hint = "did you mean --version?";
  } else if (const auto habit = suggest_option_for_habit(name, names)) {
    hint = "did you mean " + std::string(*habit) + "?";
  } else if (const std::string meant = suggest(name, names); !meant.empty()) {
    hint = "did you mean " + meant + "?";
  }
  const std::string where = name == word ? "" : " in " + std::string(word);
  return Error{Failure::usage, "unknown option " + std::string(name) + where, hint};
}

void OptionReader::note(const Option& option) {
  if (std::ranges::find(seen_, &option, &Seen::option) == seen_.end()) {
    seen_.push_back({&option});
  }
}

// `--count 5` or `--count=5`
Result<std::size_t> OptionReader::check_long(Argv words) {
  const std::string_view word = words[0];
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const Option* option = find_option(options_.command(), name);
  if (option == nullptr) {
    return tl::unexpected<Error>(unknown(name, name));
  }
  note(*option);
  if (!takes_value(*option)) {
    if (equals != std::string_view::npos) {
      return fail(Failure::usage, "option " + std::string(name) + " takes no value");
    }
    return 1;
  }
  return equals == std::string_view::npos ? check_next(*option, words)
                                          : check_value(*option, word.substr(equals + 1), 1);
}

// `-q`, `-lq` (which is -l -q), `-o redis`, `-oredis`
Result<std::size_t> OptionReader::check_letters(Argv words) {
  const std::string_view word = words[0];
  for (std::size_t at = 1; at < word.size(); ++at) {
    const std::string name{'-', word[at]};
    const Option* option = find_option(options_.command(), name);
    if (option == nullptr) {
      // At its beginning, the whole word may be meant as one name, or as data.
      return tl::unexpected<Error>(unknown(at == 1 ? word : name, word));
    }
    note(*option);
    if (takes_value(*option)) {
      return at + 1 < word.size() ? check_value(*option, word.substr(at + 1), 1) : check_next(*option, words);
    }
    if (at + 1 < word.size() && word[at + 1] == '=') {
      return fail(Failure::usage, "option " + name + " takes no value");
    }
  }
  return 1;
}

Result<std::size_t> OptionReader::check_next(const Option& option, Argv words) {
  if (words.size() < 2) {
    return fail(Failure::usage,
                "option " + std::string(option.name) + " needs a value: " + std::string(option.value.called));
  }
  return check_value(option, words[1], 2);
}

Result<std::size_t> OptionReader::check_value(const Option& option, std::string_view value, std::size_t words) {
  if (value.empty()) {
    // In a shell, an empty value is a variable that is not set.
    return fail(Failure::usage, "the value of " + std::string(option.name) + " is empty",
                "it needs a value: " + std::string(option.value.called));
  }
  last_value_ = {&option, value};
  std::ranges::find(seen_, &option, &Seen::option)->apart = words > 1;
  return words;
}

Result<std::size_t> OptionReader::take(Argv words) {
  // CLI11 gets only words that are known to be options: an unknown letter after a known one would make it loop for
  // ever.
  WEIR_ASSIGN(const std::size_t taken, words[0].starts_with("--") ? check_long(words) : check_letters(words));
  part_.insert(part_.end(), words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
  return taken;
}

Result<void> OptionReader::finish() {
  if (part_.empty()) {
    return {};
  }
  // CLI11 is told only of the options in the line, so the others take no time.
  CLI::App app;
  app.set_help_flag();
  std::optional<Error> wrong;
  for (const Seen& seen : seen_) {
    const Option* option = seen.option;
    std::string names(option->name);
    if (option->letter != '\0') {
      names += std::string(",-") + option->letter;
    }
    if (!takes_value(*option)) {
      app.add_flag_callback(names, [this, option] { options_.set({option, "", 0}); });
      continue;
    }
    app.add_option_function<std::vector<std::string>>(
           names,
           [this, option, apart = seen.apart](const std::vector<std::string>& texts) {
             for (const std::string& text : texts) {
               std::int64_t number = 0;
               misfit(option->value, text, number);
               options_.set({option, text, number, apart});
             }
           })
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->check([option, &wrong](const std::string& text) {
          std::int64_t number = 0;
          auto expected = misfit(option->value, text, number);
          if (!expected) {
            return std::string();
          }
          wrong = wrong_value(option->name, text, std::move(*expected));
          return wrong->message;
        });
  }
  std::reverse(part_.begin(), part_.end());
  try {
    app.parse(std::move(part_));
  } catch (const CLI::ParseError& error) {
    return wrong ? tl::unexpected<Error>(std::move(*wrong)) : fail(Failure::usage, error.what());
  }
  return {};
}

}  // namespace weir::cli
