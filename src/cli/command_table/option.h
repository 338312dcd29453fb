// A long option of a command line: its name, its value, and all that help, completion and the parser say of it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::cli {

/// What a word of a command line is the name of.
/// `dead_stream`: a stream of which there are dead letters; `letter`: the ID of one of those.
enum class Named { nothing, text, stream, dead_stream, group, consumer, id, letter, command, database };

/// One of a few words that a value can be, and the enumerator that it stands for.
struct Choice {
  std::string_view word;
  int meaning;
};

template <typename E>
constexpr Choice choice(std::string_view word, E meaning) {
  return {word, static_cast<int>(meaning)};
}

/// What the value of an option is. Made by the functions below.
struct Value {
  enum class Kind {
    flag,       ///< there is none
    text,       ///< any
    number,     ///< a whole number from `least` to `most`
    time,       ///< a duration, of at least `least` milliseconds
    age,        ///< the same, of what is to be deleted: its unit has to be said
    moment,     ///< a point in time
    past,       ///< the same, rather before now; or so long ago
    rate,       ///< so many a second, minute or hour: microseconds from one to the next
    status,     ///< an exit status, and =TIME if wanted
    times,      ///< two of them, A..B, or one for both
    id,         ///< of an entry, or one of Redis's signs for a place
    new_id,     ///< that an entry is to have
    length,     ///< a number of entries, after ~ or = if wanted
    lowest_id,  ///< an ID, after ~ or = if wanted
    condition,  ///< FIELD=VALUE and the like
    key,        ///< of a message that is to be added once
    choice,     ///< one of `choices`
  };
  Kind kind = Kind::flag;
  std::string_view called = {};  ///< in help: "N"
  Named named = Named::nothing;
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::span<const Choice> choices = {};
  std::string_view standard = {};  ///< the choice where the option is not given
  bool several = false;            ///< of an option that is given several times every value stands, not the last alone
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
  std::string_view name;  ///< with its dashes: "--count"
  Value value;
  std::string_view meaning;        ///< where {} stands, `meaning_of` writes the choices
  std::string_view keyword = {};   ///< the word of Redis's grammar that it stands for; without one it is weir's own
  char letter = '\0';              ///< its short form, if it has one
  const char* variable = nullptr;  ///< of the environment, that is asked where the option is not given
};

inline bool takes_value(const Option& option) {
  return option.value.kind != Value::Kind::flag;
}

/// What help says of it.
std::string meaning_of(const Option& option);

/// "it is one of: full, normal, off"
std::string choices_of(const Value& value);

/// What is expected, for a second line, if `text` is not such a value; nothing if it is. A number, a time in
/// milliseconds, or what a choice means goes to `number`.
std::optional<std::string> misfit(const Value& value, std::string_view text, std::int64_t& number);

}  // namespace weir::cli
