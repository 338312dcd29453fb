// An option of a command line: its name, its value, and everything that help, completion and the parser need.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::cli {

/// What a word of a command line names. `dead_stream`: a stream that has dead letters; `letter`: the ID of a dead
/// letter.
enum class Named { nothing, text, stream, dead_stream, group, consumer, id, letter, command, database };

/// One of the words that a value can be, and the enumerator for which it stands.
struct Choice {
  std::string_view word;
  int meaning;
};

template <typename E>
constexpr Choice choice(std::string_view word, E meaning) {
  return {word, static_cast<int>(meaning)};
}

/// What the option's value is. Made by the functions below.
struct Value {
  enum class Kind {
    flag,       ///< no value
    text,       ///< any text
    number,     ///< a whole number from `least` to `most`
    time,       ///< a duration of at least `least` milliseconds
    age,        ///< the same, for entries to be deleted: the unit is required
    moment,     ///< a point in time
    past,       ///< the same, usually before now; or a time ago
    rate,       ///< so many per second, minute or hour; as a number, the microseconds between two
    status,     ///< an exit status, optionally with =TIME
    times,      ///< two durations, A..B, or one for both
    id,         ///< the ID of an entry, or one of Redis's signs for a place
    new_id,     ///< the ID that an entry is to have
    length,     ///< a number of entries, optionally after ~ or =
    lowest_id,  ///< an ID, optionally after ~ or =
    condition,  ///< FIELD=VALUE and the like
    key,        ///< the key of a message that is to be added once
    choice,     ///< one of `choices`
  };
  Kind kind = Kind::flag;
  std::string_view called = {};  ///< its name in help: "N"
  Named named = Named::nothing;
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::span<const Choice> choices = {};
  std::string_view standard = {};  ///< the choice if the option is not given
  bool several = false;            ///< the option may be given several times, and every value counts
};

constexpr Value flag() {
  return {};
}
constexpr Value text(std::string_view called, Named named = Named::nothing) {
  return {.kind = Value::Kind::text, .called = called, .named = named};
}
constexpr Value text_several(std::string_view called) {
  return {.kind = Value::Kind::text, .called = called, .several = true};
}
constexpr Value number(std::string_view called, std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  return {.kind = Value::Kind::number, .called = called, .least = least, .most = most};
}
constexpr Value time(std::string_view called, std::int64_t least = 0) {
  return {.kind = Value::Kind::time, .called = called, .least = least};
}
constexpr Value age(std::string_view called, std::int64_t least = 0) {
  return {.kind = Value::Kind::age, .called = called, .least = least};
}
constexpr Value moment(std::string_view called) {
  return {.kind = Value::Kind::moment, .called = called};
}
constexpr Value past(std::string_view called) {
  return {.kind = Value::Kind::past, .called = called};
}
constexpr Value rate(std::string_view called) {
  return {.kind = Value::Kind::rate, .called = called};
}
constexpr Value status(std::string_view called) {
  return {.kind = Value::Kind::status, .called = called};
}
constexpr Value times(std::string_view called) {
  return {.kind = Value::Kind::times, .called = called};
}
constexpr Value id(std::string_view called) {
  return {.kind = Value::Kind::id, .called = called, .named = Named::id};
}
constexpr Value new_id(std::string_view called) {
  return {.kind = Value::Kind::new_id, .called = called};
}
constexpr Value length(std::string_view called) {
  return {.kind = Value::Kind::length, .called = called};
}
constexpr Value lowest_id(std::string_view called) {
  return {.kind = Value::Kind::lowest_id, .called = called, .named = Named::id};
}
constexpr Value condition(std::string_view called) {
  return {.kind = Value::Kind::condition, .called = called, .several = true};
}
constexpr Value key(std::string_view called) {
  return {.kind = Value::Kind::key, .called = called};
}
constexpr Value one_of(std::string_view called, std::span<const Choice> choices, std::string_view standard) {
  return {.kind = Value::Kind::choice, .called = called, .choices = choices, .standard = standard};
}

struct Option {
  std::string_view name;  ///< with the dashes: "--count"
  Value value;
  std::string_view meaning;        ///< `meaning_of` replaces {} by the choices
  std::string_view keyword = {};   ///< the word of Redis's grammar for which it stands; empty: the option is weir's own
  char letter = '\0';              ///< the short form, if there is one
  const char* variable = nullptr;  ///< the environment variable to be asked if the option is not given
};

inline bool takes_value(const Option& option) {
  return option.value.kind != Value::Kind::flag;
}

/// The text for help.
std::string meaning_of(const Option& option);

/// "it is one of: full, normal, off"
std::string choices_of(const Value& value);

/// If `text` is no such value, says what is expected, as a second line; nothing: it is one. `number` then gets the
/// number, the time in milliseconds, or what the choice means.
std::optional<std::string> misfit(const Value& value, std::string_view text, std::int64_t& number);

}  // namespace weir::cli
