#include "cli/options.h"

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

Result<void> OptionReader::set(const Option& option, std::string value) {
  if (value.empty()) {
    // In a shell that is a variable that is not set.
    return fail(Failure::usage, "the value of " + std::string(option.name) + " is empty",
                "it needs a value: " + std::string(option.argument));
  }
  options_.set(option, std::move(value));
  return {};
}

Result<std::size_t> OptionReader::take_next_as_value(const Option& option, Words words) {
  if (words.size() < 2) {
    return fail(Failure::usage,
                "option " + std::string(option.name) + " needs a value: " + std::string(option.argument));
  }
  WEIR_TRY(set(option, words[1]));
  return 2;
}

// `--count 5` or `--count=5`
Result<std::size_t> OptionReader::take_long(Words words) {
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
    options_.set(*option, "");
    return 1;
  }
  if (equals == std::string::npos) {
    return take_next_as_value(*option, words);
  }
  WEIR_TRY(set(*option, word.substr(equals + 1)));
  return 1;
}

// `-q`, `-lq` (which is -l -q), `-o redis`, `-oredis`
Result<std::size_t> OptionReader::take_letters(Words words) {
  const std::string& word = words[0];
  for (std::size_t at = 1; at < word.size(); ++at) {
    const std::string name{'-', word[at]};
    const Option* option = find(name);
    if (option == nullptr) {
      // At its beginning the whole may be meant as one name, or as data.
      return tl::unexpected<Error>(unknown(at == 1 ? word : name, word));
    }
    if (!option->argument.empty()) {
      if (at + 1 == word.size()) {
        return take_next_as_value(*option, words);
      }
      WEIR_TRY(set(*option, word.substr(at + 1)));
      return 1;
    }
    if (at + 1 < word.size() && word[at + 1] == '=') {
      return fail(Failure::usage, "option " + name + " takes no value");
    }
    options_.set(*option, "");
  }
  return 1;
}

Result<std::size_t> OptionReader::take(Words words) {
  return words[0].starts_with("--") ? take_long(words) : take_letters(words);
}

}  // namespace weir
