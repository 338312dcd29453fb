#include "command/grammar_words.h"

#include <algorithm>

#include "text/duration.h"
#include "text/numbers.h"
#include "text/words.h"

namespace weir::command {

namespace {

std::string quoted(std::string_view word) {
  return "'" + shown(word) + "'";
}

}  // namespace

std::string shown(std::string_view word, std::size_t limit) {
  word = word.substr(0, std::min(limit, word.find('\0')));
  std::string text(word);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return text;
}

tl::unexpected<Error> refuse(std::string_view text, std::string hint) {
  return fail(Failure::usage, "ERR " + std::string(text), std::move(hint));
}

tl::unexpected<Error> syntax_error(std::string_view word) {
  return refuse("syntax error", word.empty() ? "" : quoted(word) + " does not fit there");
}

tl::unexpected<Error> wrong_arity(std::string_view redis_name) {
  return refuse("wrong number of arguments for '" + std::string(redis_name) + "' command");
}

tl::unexpected<Error> subcommand_syntax_error(Words words) {
  return refuse("unknown subcommand or wrong number of arguments for '" + shown(words[1]) + "'. Try " +
                upper(words[0]) + " HELP.");
}

Result<std::int64_t> integer(std::string_view word, std::string_view error) {
  if (const auto value = parse_integer(word)) {
    return *value;
  }
  return refuse(error, quoted(word) + " is not a whole number below 9223372036854775808");
}

Result<std::int64_t> duration(std::string_view word, std::string_view error) {
  if (const auto value = parse_duration(word)) {
    return *value;
  }
  return refuse(error, quoted(word) + " is not a time such as 250ms, 30s or 2h");
}

Result<Id> strict_id(std::string_view word) {
  if (const auto id = parse_id(word)) {
    return *id;
  }
  return refuse("Invalid stream ID specified as stream command argument",
                quoted(word) + " is not an ID such as 1526919030474-55");
}

Result<Words> counted_ids(Words following) {
  constexpr const char* kNotPositive = "Number of IDs must be a positive integer";
  WEIR_ASSIGN(const std::int64_t count, integer(following[0], kNotPositive));
  if (count < 1) {
    return refuse(kNotPositive);
  }
  if (static_cast<std::uint64_t>(count) > following.size() - 1) {
    return refuse("The `numids` parameter must match the number of arguments");
  }
  return following.subspan(1, static_cast<std::size_t>(count));
}

namespace {

Result<Id> bound(std::string_view word, std::uint64_t missing_seq) {
  if (word == "-") {
    return kMinId;
  }
  if (word == "+") {
    return kMaxId;
  }
  if (const auto id = parse_id(word, missing_seq)) {
    return *id;
  }
  return strict_id(word);
}

// After `(`, the words `-` and `+` are no bounds.
bool is_exclusive(std::string_view word) {
  return word.size() > 1 && word[0] == '(';
}

Result<Id> exclusive_bound(std::string_view word, std::uint64_t missing_seq) {
  word.remove_prefix(1);
  return word == "-" || word == "+" ? strict_id(word) : bound(word, missing_seq);
}

}  // namespace

Result<Id> range_start(std::string_view word) {
  if (!is_exclusive(word)) {
    return bound(word, 0);
  }
  WEIR_ASSIGN(const Id id, exclusive_bound(word, 0));
  if (const auto after = next_id(id)) {
    return *after;
  }
  return refuse("invalid start ID for the interval");
}

Result<Id> range_end(std::string_view word) {
  if (!is_exclusive(word)) {
    return bound(word, kMaxPart);
  }
  WEIR_ASSIGN(const Id id, exclusive_bound(word, kMaxPart));
  if (const auto before = previous_id(id)) {
    return *before;
  }
  return refuse("invalid end ID for the interval");
}

}  // namespace weir::command
