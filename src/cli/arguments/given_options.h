// The options of one command line.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table/command_table.h"
#include "stream/result.h"

namespace weir::cli {

/// An option that was given.
struct GivenOption {
  const Option* option;
  std::string text;         ///< the value as it was written
  std::int64_t number = 0;  ///< a number, a time in milliseconds, or what a choice means
  bool apart = false;       ///< the value is a separate word, as in `--once KEY`: it may be meant for another place
};

/// The options that were given. If one is given twice, the last counts, unless the option may be given several times.
class Options {
 public:
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The option's value; nothing: it was not given.
  std::optional<std::string> text(std::string_view name) const;
  /// All values of an option that may be given several times.
  std::vector<std::string_view> texts(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
  std::optional<std::chrono::milliseconds> time(std::string_view name) const;
  /// Whether the option's value (the last, if there are several) is a separate word. No if the option was not given.
  bool stands_apart(std::string_view name) const;

  /// What the option's value means; without the option, what its environment variable says, or its standard. Fails with
  /// `Failure::usage` if the variable has none of the choices. Requires: the command, or every command, has an option
  /// of this name, which is a choice.
  template <typename E>
  Result<E> choice(std::string_view name) const {
    WEIR_ASSIGN(const int meaning, chosen(name));
    return static_cast<E>(meaning);
  }

  /// The command whose options are valid beside the global ones; null, as at the beginning: none.
  void set_command(const Command* command) { command_ = command; }
  const Command* command() const { return command_; }
  void set(GivenOption given);
  const std::vector<GivenOption>& all() const { return given_; }

 private:
  const GivenOption* find(std::string_view name) const;
  Result<int> chosen(std::string_view name) const;
  const Command* command_ = nullptr;
  std::vector<GivenOption> given_;
};

/// The option of that name or letter ("-o"): one of the command's own (null: no command), or a global one.
const Option* find_option(const Command* command, std::string_view name);

/// The global options, without those that the command (null: no command) has itself.
std::vector<Option> global_options_beside(const Command* command);

/// "'abc' is not a value for --count"
Error wrong_value(std::string_view name, std::string_view text, std::string expected);

/// Takes options off a command line: those of `options.command()` and the global ones. CLI11 reads them all at once,
/// when it is known which words are options.
class OptionReader {
 public:
  explicit OptionReader(Options& options) : options_(options) {}

  /// Whether `word` has the form of an option: it begins with a dash and is neither `-` nor a number.
  static bool looks_like_option(std::string_view word);

  /// Takes the options in `words[0]`. Returns how many words they took: 1, or 2 with a value. Any value is accepted,
  /// whatever it looks like, except an empty one.
  Result<std::size_t> take(Argv words);

  /// Reads the values of the options taken. If a value is wrong, `options` still has the values before it.
  Result<void> finish();

  bool is_empty() const { return seen_.empty(); }

  /// The last option that was taken with a value, and the value; null: there was none.
  struct LastValue {
    const Option* option = nullptr;
    std::string_view text;
  };
  const LastValue& last_value() const { return last_value_; }

 private:
  Error unknown(std::string_view name, std::string_view word) const;
  // How many words belong to the option; or an error.
  Result<std::size_t> check_long(Argv words);
  Result<std::size_t> check_letters(Argv words);
  Result<std::size_t> check_value(const Option& option, std::string_view value, std::size_t words);
  Result<std::size_t> check_next(const Option& option, Argv words);
  void note(const Option& option);

  Options& options_;
  struct Seen {
    const Option* option;
    bool apart = false;  // the last value was a separate word
  };
  std::vector<Seen> seen_;         // each option once
  std::vector<std::string> part_;  // the part of the command line that consists of options and their values
  LastValue last_value_;
};

}  // namespace weir::cli
