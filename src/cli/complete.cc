#include "cli/complete.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cli/arguments.h"
#include "util/words.h"

namespace weir {

namespace {

// The values of options that take one of a few words.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kChoices{{
    {"--output", "auto jsonl table redis resp"},
    {"--durability", "full normal off"},
    {"--color", "auto always never"},
    {"--nested", "refuse string flatten"},
    {"--on-error", "stop skip"},
    {"--stdin", "entry fields none"},
}};

// A command line that is being written.
struct Line {
  const Command* command = nullptr;
  std::string container;           // "group", when its subcommand is still to come
  bool unknown = false;            // there is no such command
  std::vector<std::string> words;  // what is neither name nor option
  Options options;
  const Option* awaits = nullptr;   // the option whose value comes next
  std::optional<std::size_t> rest;  // where the words after `--` begin
};

const Option* find_option(const Command* command, std::string_view word) {
  const auto search = [&](std::span<const Option> options) -> const Option* {
    for (const Option& option : options) {
      if (option.name == word || (word.size() == 2 && option.letter != '\0' && word[1] == option.letter)) {
        return &option;
      }
    }
    return nullptr;
  };
  const Option* own = command == nullptr ? nullptr : search(command->options);
  return own != nullptr ? own : search(global_options());
}

void take_name(Line& line, const std::string& word) {
  if (!line.container.empty()) {
    line.command = match_command(line.container, word).command;
    line.container.clear();
    line.unknown = line.command == nullptr;
    return;
  }
  const NameMatch match = match_command(word, std::nullopt);
  line.command = match.command;
  if (match.command == nullptr && !match.container.empty()) {
    line.container = word;
  }
  line.unknown = match.command == nullptr && match.container.empty();
}

Line read_line(Words words) {
  Line line;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (line.awaits != nullptr) {
      line.options.set(*std::exchange(line.awaits, nullptr), word);
    } else if (word == "--") {
      line.rest = i + 1;
      break;
    } else if (OptionReader::looks_like_option(word)) {
      const Option* option = find_option(line.command, word.substr(0, word.find('=')));
      if (option != nullptr && word.find('=') != std::string::npos) {
        line.options.set(*option, word.substr(word.find('=') + 1));
      } else if (option != nullptr && !option->argument.empty()) {
        line.awaits = option;
      }
    } else if (line.command == nullptr) {
      take_name(line, word);
    } else {
      line.words.push_back(word);
    }
  }
  return line;
}

class Answer {
 public:
  Answer(std::string& out, std::string_view prefix) : out_(out), prefix_(prefix) {}

  void add(std::string_view name, std::string_view meaning) {
    if (name.starts_with(prefix_)) {
      out_.append(name);
      if (!meaning.empty()) {
        out_.append("\t").append(meaning);
      }
      out_ += '\n';
    }
  }

  bool has_prefix() const { return !prefix_.empty(); }

 private:
  std::string& out_;
  std::string_view prefix_;
};

// Names of commands, or with `container` those of its subcommands.
void add_commands(Answer& answer, std::string_view container) {
  std::string_view before;
  for_each_command([&](const Command& command) {
    const std::string_view first = first_name(command);
    const std::string redis = lower(redis_first_name(command));
    if (command.batch_only || command.redis.ends_with("|help")) {
      return;
    }
    if (!container.empty()) {
      if (same_word(container, first) || same_word(container, redis)) {
        answer.add(command.name.substr(first.size() + 1), command.summary);
      }
      return;
    }
    if (std::exchange(before, first) == first) {
      return;
    }
    const bool has_subcommands = command.name != first;
    const std::string_view meaning = has_subcommands ? std::string_view("see: weir help") : command.summary;
    answer.add(first, meaning);
    // Redis's name, for those who have begun to write it.
    if (answer.has_prefix() && !redis.empty() && redis != first) {
      answer.add(redis, meaning);
    }
  });
}

void add_options(Answer& answer, std::span<const Option> options) {
  for (const Option& option : options) {
    answer.add(option.name, option.meaning);
  }
}

NameScope scope_of(const Line& line) {
  NameScope scope;
  const bool grouped = line.command != nullptr && named_at(*line.command, 1) == Named::group;
  if (const auto group = line.options.get("--group")) {
    scope.group = *group;
  } else if (grouped && line.words.size() > 1) {
    scope.group = line.words[1];
  }
  const std::size_t streams = grouped && !line.words.empty() ? 1 : line.words.size();
  for (std::size_t i = 0; i < streams && line.command != nullptr && named_at(*line.command, i) == Named::stream; ++i) {
    scope.streams.push_back(line.words[i]);
  }
  return scope;
}

void add_names(Answer& answer, std::string& out, Named kind, const Line& line) {
  if (kind == Named::files) {
    out += ":files\n";
  } else if (kind == Named::command) {
    add_commands(answer, line.words.empty() ? "" : line.words[0]);
  } else if (kind != Named::nothing) {
    for (const Candidate& candidate : stored_names(kind, scope_of(line), line.options)) {
      answer.add(candidate.name, candidate.meaning);
    }
  }
}

// Redis's grammar of XREAD and XREADGROUP: keywords, a group and its consumer, streams.
void add_read_words(Answer& answer, const Line& line) {
  const std::size_t n = line.words.size();
  const auto is = [&](std::size_t back, std::string_view word) {
    return n >= back && same_word(line.words[n - back], word);
  };
  Line all = line;
  all.words.clear();
  std::string unused;
  for (const std::string& word : line.words) {
    if (same_word(word, "STREAMS")) {
      return add_names(answer, unused, Named::stream, all);
    }
  }
  if (is(1, "GROUP")) {
    return add_names(answer, unused, Named::group, all);
  }
  if (is(2, "GROUP")) {
    return add_names(answer, unused, Named::consumer, all);
  }
  if (!is(1, "COUNT") && !is(1, "BLOCK")) {
    for (const std::string_view keyword : {"COUNT", "BLOCK", "STREAMS"}) {
      answer.add(keyword, "");
    }
  }
}

}  // namespace

void complete(Words words, std::string& out) {
  const std::string current = words.empty() ? std::string() : words.back();
  const Line line = read_line(words.empty() ? words : words.first(words.size() - 1));
  Answer answer(out, current);
  if (line.awaits != nullptr) {
    for (const auto& [option, choices] : kChoices) {
      for (std::string_view left = choices; option == line.awaits->name && !left.empty();) {
        const std::size_t end = std::min(left.find(' '), left.size());
        answer.add(left.substr(0, end), "");
        left.remove_prefix(std::min(end + 1, left.size()));
      }
    }
    return add_names(answer, out, named_by(*line.awaits), line);
  }
  if (line.rest) {
    if (line.command != nullptr && line.command->usage.front().find("-- COMMAND") != std::string_view::npos) {
      out += ":command " + std::to_string(*line.rest + 1) + "\n";
    }
    return;
  }
  if (line.unknown) {
    return;
  }
  if (line.command == nullptr && !current.starts_with('-')) {
    return add_commands(answer, line.container);
  }
  const bool reads = line.command != nullptr && (line.command->name == "xread" || line.command->name == "xreadgroup");
  if (reads && !line.words.empty() && is_read_keyword(line.words[0])) {
    return add_read_words(answer, line);
  }
  if (current.starts_with('-')) {
    if (line.command != nullptr) {
      add_options(answer, line.command->options);
    }
    return add_options(answer, global_options());
  }
  const bool helps = line.command->name == "help" && line.words.size() == 1;
  add_names(answer, out, helps ? Named::command : named_at(*line.command, line.words.size()), line);
}

}  // namespace weir
