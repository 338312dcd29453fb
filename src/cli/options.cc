#include "cli/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/suggest.h"

namespace weir::cli {

const std::string* Options::find(std::string_view name) const {
  const auto it = std::find_if(given_.begin(), given_.end(), [&](const auto& g) { return g.first->name == name; });
  return it == given_.end() ? nullptr : &it->second;
}

std::optional<std::string> Options::get(std::string_view name) const {
  const std::string* value = find(name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

void Options::set(const Option& option, std::string value) {
  const auto it = std::find_if(given_.begin(), given_.end(), [&](const auto& g) { return g.first == &option; });
  if (it != given_.end()) {
    it->second = std::move(value);
  } else {
    given_.emplace_back(&option, std::move(value));
  }
}

struct OptionReader::Parser {
  CLI::App app;

  void add(const Option& option, Options& options) {
    std::string names(option.name);
    if (option.letter != '\0') {
      names += std::string(",-") + option.letter;
    }
    if (option.argument.empty()) {
      app.add_flag_callback(names, [&option, &options] { options.set(option, ""); });
    } else {
      app.add_option_function<std::string>(
          names, [&option, &options](const std::string& value) { options.set(option, value); });
    }
  }
};

OptionReader::OptionReader(const Command* command, Options& options) : command_(command), options_(options) {}
OptionReader::~OptionReader() = default;

bool OptionReader::looks_like_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9');
}

const Option* OptionReader::find(std::string_view name) const {
  const auto matches = [&](const Option& option) {
    return name.starts_with("--") ? option.name == name : option.letter != '\0' && option.letter == name[1];
  };
  const auto search = [&](std::span<const Option> options) {
    const auto it = std::find_if(options.begin(), options.end(), matches);
    return it == options.end() ? nullptr : &*it;
  };
  const Option* found = command_ == nullptr ? nullptr : search(command_->options);
  return found != nullptr ? found : search(global_options());
}

Error OptionReader::unknown(std::string_view name, std::string_view word) const {
  std::vector<std::string_view> names;
  for (const Option& option : global_options()) {
    names.push_back(option.name);
  }
  std::string hint = "weir help lists the commands and options";
  if (command_ != nullptr) {
    for (const Option& option : command_->options) {
      names.push_back(option.name);
    }
    hint = "'weir help " + std::string(command_->name) +
           "' lists the options; write -- before data that begins with a dash";
  }
  if (name == "-V") {
    hint = "did you mean --version?";
  } else if (const auto closest = suggest(name, names)) {
    hint = "did you mean " + std::string(*closest) + "?";
  }
  const std::string where = name == word ? "" : " in " + std::string(word);
  return Error{Failure::usage, "unknown option " + std::string(name) + where, hint};
}

tl::unexpected<Error> OptionReader::lacks_value(const Option& option) {
  return fail(Failure::usage, "option " + std::string(option.name) + " needs a value: " + std::string(option.argument));
}

// `--count 5` or `--count=5`
Result<std::size_t> OptionReader::check_long(Argv words) const {
  const std::string& word = words[0];
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const Option* option = find(name);
  if (option == nullptr) {
    return tl::unexpected<Error>(unknown(name, name));
  }
  if (option->argument.empty()) {
    if (equals != std::string::npos) {
      return fail(Failure::usage, "option " + name + " takes no value");
    }
    return 1;
  }
  if (equals == std::string::npos) {
    return words.size() < 2 ? Result<std::size_t>(lacks_value(*option)) : check_value(*option, words[1], 2);
  }
  return check_value(*option, word.substr(equals + 1), 1);
}

// `-q`, `-lq` (which is -l -q), `-o redis`, `-oredis`
Result<std::size_t> OptionReader::check_letters(Argv words) const {
  const std::string& word = words[0];
  for (std::size_t at = 1; at < word.size(); ++at) {
    const std::string name{'-', word[at]};
    const Option* option = find(name);
    if (option == nullptr) {
      // At its beginning the whole may be meant as one name, or as data.
      return tl::unexpected<Error>(unknown(at == 1 ? word : name, word));
    }
    if (!option->argument.empty()) {
      if (at + 1 < word.size()) {
        return 1;
      }
      return words.size() < 2 ? Result<std::size_t>(lacks_value(*option)) : check_value(*option, words[1], 2);
    }
    if (at + 1 < word.size() && word[at + 1] == '=') {
      return fail(Failure::usage, "option " + name + " takes no value");
    }
  }
  return 1;
}

Result<std::size_t> OptionReader::check_value(const Option& option, std::string_view value, std::size_t words) {
  if (value.empty()) {
    // In a shell that is a variable that is not set.
    return fail(Failure::usage, "the value of " + std::string(option.name) + " is empty",
                "it needs a value: " + std::string(option.argument));
  }
  return words;
}

Result<std::size_t> OptionReader::take(Argv words) {
  // CLI11 is given what is known to be right: an unknown letter after a known one would send it round for ever.
  WEIR_ASSIGN(const std::size_t taken, words[0].starts_with("--") ? check_long(words) : check_letters(words));
  if (parser_ == nullptr) {
    parser_ = std::make_unique<Parser>();
    parser_->app.set_help_flag();
    for (const Option& each : global_options()) {
      parser_->add(each, options_);
    }
    if (command_ != nullptr) {
      for (const Option& each : command_->options) {
        parser_->add(each, options_);
      }
    }
  }
  // One option at a time, so that the words between stay in their places.
  std::vector<std::string> reversed(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken));
  std::reverse(reversed.begin(), reversed.end());
  try {
    parser_->app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return fail(Failure::usage, "option " + words[0] + ": " + error.what());
  }
  return taken;
}

}  // namespace weir::cli
