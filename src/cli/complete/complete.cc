#include "cli/complete/complete.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/arguments/arguments.h"
#include "text/words.h"

namespace weir::cli {

namespace {

// A command line that is still being written.
struct Line {
  const Command* command = nullptr;
  std::string_view container;           // "group", if its subcommand is still missing
  bool unknown = false;                 // there is no such command
  std::vector<std::string_view> words;  // words that are neither the name nor options
  Options options;
  const Option* awaits = nullptr;  // the option whose value comes next
  bool after_dashes = false;       // `--` has been passed: no further word is an option
  bool dashes_are_first = true;    // no earlier word is `--`, such as the value of an option
};

void take_name(Line& line, std::string_view word) {
  if (!line.container.empty()) {
    line.command = match_command(line.container, word).command;
    line.container = {};
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

Line read_line(Argv words) {
  Line line;
  for (const std::string_view word : words) {
    if (line.awaits != nullptr) {
      line.options.set({std::exchange(line.awaits, nullptr), std::string(word)});
      line.dashes_are_first = line.dashes_are_first && word != "--";
    } else if (!line.after_dashes && word == "--") {
      line.after_dashes = true;
    } else if (!line.after_dashes && OptionReader::looks_like_option(word)) {
      const Option* option = find_option(line.command, word.substr(0, word.find('=')));
      if (option != nullptr && word.find('=') != std::string_view::npos) {
        line.options.set({option, std::string(word.substr(word.find('=') + 1))});
      } else if (option != nullptr && takes_value(*option)) {
        line.awaits = option;
      }
    } else if (!line.after_dashes && line.command == nullptr) {
      take_name(line, word);
    } else {
      line.words.push_back(word);
    }
  }
  return line;
}

// Collects the candidates for the word that is being written.
class Answer {
 public:
  Answer(std::string& out, std::string_view current) : out_(out), prefix_(current) {}

  /// The rest of the word is the value of an option that begins in it: "re" of "--output=re".
  void begin_value() {
    const std::size_t at = prefix_.find('=') + 1;
    option_ = prefix_.substr(0, at);
    prefix_.remove_prefix(at);
  }

  /// Any candidate that looks like an option would now be taken for one, so it is refused.
  void refuse_options() { options_are_refused_ = true; }

  void add(std::string_view name, std::string_view meaning) {
    if (name.starts_with(prefix_) && !(options_are_refused_ && OptionReader::looks_like_option(name))) {
      begin();
      out_.append(option_).append(name);
      if (!meaning.empty()) {
        out_.append("\t").append(meaning);
      }
      out_ += '\n';
    }
  }

  void databases() { out_ += "databases\n"; }
  void command() { out_ += "command\n"; }

  std::string_view prefix() const { return prefix_; }

 private:
  void begin() {
    if (!std::exchange(begun_, true)) {
      out_ += "words\n";
    }
  }

  std::string& out_;
  std::string_view option_;
  std::string_view prefix_;
  bool begun_ = false;
  bool options_are_refused_ = false;
};

// Adds names of commands; with `container`, of its subcommands.
void add_commands(Answer& answer, std::string_view container) {
  std::string_view before;
  for_each_command([&](const Command& command) {
    const std::string_view first = first_name(command);
    const std::string_view redis = other_first_name(command);
    if (!command.listed) {
      return;
    }
    if (!container.empty()) {
      if (command.name != first && (same_word(container, first) || same_word(container, redis))) {
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
    // Offers Redis's name to a user who has begun to write it.
    if (!answer.prefix().empty() && !redis.empty()) {
      answer.add(redis, meaning);
    }
  });
}

void add_options(Answer& answer, std::span<const Option> options) {
  for (const Option& option : options) {
    answer.add(option.name, meaning_of(option));
  }
}

bool names_stream(Named kind) {
  return kind == Named::stream || kind == Named::dead_stream;
}

NameScope scope_of(const Answer& answer, const Line& line) {
  NameScope scope;
  scope.prefix = answer.prefix();
  const bool grouped = line.command != nullptr && named_at(*line.command, 1) == Named::group;
  if (const auto group = line.options.text("--group")) {
    scope.group = *group;
  } else if (grouped && line.words.size() > 1) {
    scope.group = line.words[1];
  }
  const std::size_t streams = grouped && !line.words.empty() ? 1 : line.words.size();
  for (std::size_t i = 0; i < streams && line.command != nullptr && names_stream(named_at(*line.command, i)); ++i) {
    scope.streams.emplace_back(line.words[i]);
  }
  return scope;
}

void add_names(Answer& answer, Named kind, const Line& line) {
  if (kind == Named::database) {
    answer.databases();
  } else if (kind == Named::command) {
    add_commands(answer, line.words.empty() ? "" : line.words[0]);
  } else if (kind != Named::nothing && kind != Named::text) {
    for (const Candidate& candidate : stored_names(kind, scope_of(answer, line), line.options)) {
      answer.add(candidate.name, candidate.meaning);
    }
  }
}

// Adds the values of an option: a choice, or names.
void add_values(Answer& answer, const Option& option, const Line& line) {
  for (const Choice& choice : option.value.choices) {
    answer.add(choice.word, "");
  }
  add_names(answer, option.value.named, line);
}

// Redis's grammar of XREAD and XREADGROUP: keywords with their values, including a group and its consumer, and then
// streams.
void add_read_words(Answer& answer, const Line& line) {
  Line all = line;
  all.words.clear();
  std::vector<command::KeywordShape> left(line.command->redis->keywords.begin(), line.command->redis->keywords.end());
  std::erase_if(left, [](const command::KeywordShape& keyword) { return keyword.refused; });
  for (std::size_t i = 0; i < line.words.size(); ++i) {
    const auto found = std::ranges::find_if(
        left, [&](const command::KeywordShape& keyword) { return same_word(keyword.word, line.words[i]); });
    if (found == left.end()) {
      return;
    }
    const std::string_view keyword = found->word;
    const std::size_t given = line.words.size() - i - 1;
    if (keyword == "STREAMS") {
      return add_names(answer, Named::stream, all);
    }
    if (given < found->values) {
      const Named of_group = given == 0 ? Named::group : Named::consumer;
      return add_names(answer, keyword == "GROUP" ? of_group : Named::nothing, all);
    }
    i += found->values;
    left.erase(found);
  }
  for (const command::KeywordShape& keyword : left) {
    answer.add(keyword.word, "");
  }
}

}  // namespace

void complete(Argv words, std::string& out) {
  const std::string_view current = words.empty() ? std::string_view() : words.back();
  const Line line = read_line(words.empty() ? words : words.first(words.size() - 1));
  Answer answer(out, current);
  if (line.awaits != nullptr) {
    return add_values(answer, *line.awaits, line);
  }
  if (line.unknown) {
    return;
  }
  if (line.after_dashes && line.command != nullptr && line.command->runs_program) {
    return line.dashes_are_first ? answer.command() : void();
  }
  if (line.command != nullptr && line.command->data == Data::at_keyword && data_begins(*line.command, line.words)) {
    return add_read_words(answer, line);
  }
  if (!line.after_dashes && current.starts_with('-')) {
    if (const Option* option = find_option(line.command, current.substr(0, current.find('=')));
        option != nullptr && takes_value(*option) && current.find('=') != std::string_view::npos) {
      answer.begin_value();
      return add_values(answer, *option, line);
    }
    if (line.command != nullptr) {
      add_options(answer, line.command->options);
    }
    return add_options(answer, global_options_beside(line.command));
  }
  if (line.command == nullptr) {
    return add_commands(answer, line.container);
  }
  if (!line.after_dashes) {
    answer.refuse_options();
  }
  add_names(answer, named_at(*line.command, line.words.size()), line);
}

}  // namespace weir::cli
