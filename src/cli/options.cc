#include "cli/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/suggest.h"

namespace weir {

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

const Option* OptionReader::find(std::string_view word) const {
  const std::string_view name = word.substr(0, word.find('='));
  const auto matches = [&](const Option& option) {
    return word.starts_with("--") ? option.name == name : option.letter != '\0' && option.letter == word[1];
  };
  const auto search = [&](std::span<const Option> options) {
    const auto it = std::find_if(options.begin(), options.end(), matches);
    return it == options.end() ? nullptr : &*it;
  };
  const Option* found = command_ == nullptr ? nullptr : search(command_->options);
  return found != nullptr ? found : search(global_options());
}

Error OptionReader::unknown(std::string_view word) const {
  const std::string name(word.substr(0, word.find('=')));
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
  if (const auto closest = suggest(name, names)) {
    hint = "did you mean " + std::string(*closest) + "?";
  }
  return Error{Failure::usage, "unknown option " + name, hint};
}

Result<std::size_t> OptionReader::take(Words words) {
  const Option* option = find(words[0]);
  if (option == nullptr) {
    return tl::unexpected<Error>(unknown(words[0]));
  }
  if (option->argument.empty() && words[0].find('=') != std::string::npos) {
    return fail(Failure::usage, "option " + std::string(option->name) + " takes no value");
  }
  if (parser_ == nullptr) {
    parser_ = std::make_unique<Parser>();
    parser_->app.set_help_flag();
    parser_->app.allow_extras();
    for (const Option& each : global_options()) {
      parser_->add(each, options_);
    }
    if (command_ != nullptr) {
      for (const Option& each : command_->options) {
        parser_->add(each, options_);
      }
    }
  }
  // One option a time, so that the words between stay in their places.
  std::vector<std::string> reversed;
  if (!option->argument.empty() && words.size() > 1) {
    reversed.push_back(words[1]);
  }
  reversed.push_back(words[0]);
  const std::size_t offered = reversed.size();
  try {
    parser_->app.parse(std::move(reversed));
  } catch (const CLI::ParseError&) {
    return fail(Failure::usage,
                "option " + std::string(option->name) + " needs a value: " + std::string(option->argument));
  }
  return offered - parser_->app.remaining().size();
}

}  // namespace weir
