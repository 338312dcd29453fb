// The options of one command line.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_table.h"
#include "util/result.h"

namespace weir::cli {

/// The options that were given. Of one given twice the last stands.
class Options {
 public:
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Its value, or nothing if it was not given.
  std::optional<std::string> get(std::string_view name) const;
  void set(const Option& option, std::string value);

  const std::vector<std::pair<const Option*, std::string>>& all() const { return given_; }

 private:
  const std::string* find(std::string_view name) const;
  std::vector<std::pair<const Option*, std::string>> given_;
};

/// Takes options off a command line, one word at a time. CLI11 is set up when the first one is met.
class OptionReader {
 public:
  /// `command`: whose options stand beside the global ones; may be null.
  OptionReader(const Command* command, Options& options);
  ~OptionReader();
  OptionReader(const OptionReader&) = delete;
  OptionReader& operator=(const OptionReader&) = delete;

  /// Whether `word` has the form of an option: it begins with a dash and is neither `-` nor a number.
  static bool looks_like_option(std::string_view word);

  /// Takes the options of `words[0]`, and gives the number of words that it took: 1, or 2 with a value. Every value is
  /// taken as it is, whatever it looks like; an empty one is an error.
  Result<std::size_t> take(Argv words);

 private:
  const Option* find(std::string_view name) const;
  Error unknown(std::string_view name, std::string_view word) const;
  // How many words belong to the option, or what is wrong with it.
  Result<std::size_t> check_long(Argv words) const;
  Result<std::size_t> check_letters(Argv words) const;
  static Result<std::size_t> check_value(const Option& option, std::string_view value, std::size_t words);
  static tl::unexpected<Error> lacks_value(const Option& option);

  struct Parser;
  const Command* command_;
  Options& options_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace weir::cli
