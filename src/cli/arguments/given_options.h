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
  std::string text;         ///< its value as it was written
  std::int64_t number = 0;  ///< a number, a time in milliseconds, or what a choice means
  bool apart = false;       ///< its value is a word of its own, as in `--once KEY`: it may be meant for another place
};

/// The options that were given. Of one given twice the last stands, unless all do.
class Options {
 public:
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Its value, or nothing if it was not given.
  std::optional<std::string> text(std::string_view name) const;
  /// All its values, where each of them stands.
  std::vector<std::string_view> texts(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
  std::optional<std::chrono::milliseconds> time(std::string_view name) const;
  /// Whether its value is a word of its own; of several, the last. No if it was not given.
  bool stands_apart(std::string_view name) const;

  /// What its value means; else what its variable of the environment says; else its standard. Fails with
  /// `Failure::usage` where the variable has none of the choices. Requires: the command, or every command, has an
  /// option of this name, which is a choice.
  template <typename E>
  Result<E> choice(std::string_view name) const {
    WEIR_ASSIGN(const int meaning, chosen(name));
    return static_cast<E>(meaning);
  }

  /// Whose options stand beside the global ones; null, as at first: nobody's.
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

/// The option of that name, or of that letter ("-o"): one of the command's, which may be null, or a global one.
const Option* find_option(const Command* command, std::string_view name);

/// Options of every command, without those that the command, which may be null, has itself.
std::vector<Option> global_options_beside(const Command* command);

/// "'abc' is not a value for --count"
Error wrong_value(std::string_view name, std::string_view text, std::string expected);

/// Takes options off a command line: those of `options.command()` and the global ones. CLI11 is given all of them at
/// once, when the words between them are known.
class OptionReader {
 public:
  explicit OptionReader(Options& options) : options_(options) {}

  /// Whether `word` has the form of an option: it begins with a dash and is neither `-` nor a number.
  static bool looks_like_option(std::string_view word);

  /// Takes the options of `words[0]`, and gives the number of words that it took: 1, or 2 with a value. Every value is
  /// taken as it is, whatever it looks like; an empty one is an error.
  Result<std::size_t> take(Argv words);

  /// Reads the values of what was taken. Of those before the first that is wrong `options` has the values all the same.
  Result<void> finish();

  bool is_empty() const { return seen_.empty(); }

  /// The last option that was taken with a value, and that value; a null option: none was.
  struct LastValue {
    const Option* option = nullptr;
    std::string_view text;
  };
  const LastValue& last_value() const { return last_value_; }

 private:
  Error unknown(std::string_view name, std::string_view word) const;
  // How many words belong to the option, or what is wrong with it.
  Result<std::size_t> check_long(Argv words);
  Result<std::size_t> check_letters(Argv words);
  Result<std::size_t> check_value(const Option& option, std::string_view value, std::size_t words);
  Result<std::size_t> check_next(const Option& option, Argv words);
  void note(const Option& option);

  Options& options_;
  struct Seen {
    const Option* option;
    bool apart = false;  // the last value was a word of its own
  };
  std::vector<Seen> seen_;         // each once
  std::vector<std::string> part_;  // of the command line: options and their values
  LastValue last_value_;
};

}  // namespace weir::cli
