#include "cli/command_table/option.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "stream/condition.h"
#include "stream/id.h"
#include "text/duration.h"
#include "text/moment.h"
#include "text/numbers.h"

namespace weir::cli {

namespace {

constexpr const char* kATime = "a time is 250ms, 30s, 5m, 2h or 7d";
constexpr const char* kAnId = "an ID is 1526919030474-55, or the first half of one";

std::string range_of(const Value& value) {
  if (value.least == std::numeric_limits<std::int64_t>::min()) {
    return "a whole number below 9223372036854775808";
  }
  return "a number from " + std::to_string(value.least) + " to " + std::to_string(value.most);
}

std::optional<std::string> misfit_number(const Value& value, std::string_view text, std::int64_t& number) {
  const auto parsed = parse_integer(text);
  if (!parsed || *parsed < value.least || *parsed > value.most) {
    return range_of(value);
  }
  number = *parsed;
  return std::nullopt;
}

std::optional<std::string> misfit_time(const Value& value, std::string_view text, std::int64_t& number) {
  const auto parsed = parse_duration(text);
  if (!parsed) {
    return kATime;
  }
  if (*parsed < value.least) {
    return "it must be at least " + std::to_string(value.least) + "ms";
  }
  number = *parsed;
  return std::nullopt;
}

// A number of days, if taken for milliseconds, would delete everything.
std::optional<std::string> misfit_age(const Value& value, std::string_view text, std::int64_t& number) {
  if (const auto bare = parse_integer(text); bare && *bare != 0) {
    return "write its unit: 7d, 12h, 500ms";
  }
  return misfit_time(value, text, number);
}

std::optional<std::string> misfit_moment(std::string_view text, std::int64_t& number) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto parsed = parse_moment(text, std::chrono::duration_cast<std::chrono::milliseconds>(now));
  if (!parsed) {
    return "a time is 2026-12-01T09:00, 09:00 (the next), or @ and Unix seconds";
  }
  number = parsed->count();
  return std::nullopt;
}

std::optional<std::string> misfit_past(std::string_view text, std::int64_t& number) {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const auto parsed = parse_past(text, now);
  if (!parsed) {
    return "write how long ago, 30m, 2h, 7d; or when: 2026-12-01, 2026-12-01T09:00, 09:00, or @ and Unix seconds";
  }
  number = parsed->count();
  return std::nullopt;
}

std::optional<std::string> misfit_condition(std::string_view text) {
  const auto condition = Condition::parse(text);
  return condition ? std::nullopt : std::optional(condition.error().message);
}

std::optional<std::string> misfit_rate(std::string_view text, std::int64_t& number) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits{
      {{"/s", 1'000'000}, {"/m", 60'000'000}, {"/h", 3'600'000'000}}};
  for (const auto& [unit, micros] : kUnits) {
    const auto many = text.ends_with(unit) ? parse_integer(text.substr(0, text.size() - unit.size())) : std::nullopt;
    if (many && *many > 0 && *many <= micros) {
      number = micros / *many;
      return std::nullopt;
    }
  }
  return "a rate is 5/s, 100/m or 1000/h";
}

std::optional<std::string> misfit_status(std::string_view text, std::int64_t& number) {
  constexpr std::int64_t kMost = 255;
  constexpr std::int64_t kLongest = 365LL * 24 * 3600 * 1000;  // as --backoff: a year
  const std::size_t equals = text.find('=');
  const auto parsed = parse_integer(text.substr(0, equals));
  const bool has_time = equals != std::string_view::npos;
  const auto time = has_time ? parse_duration(text.substr(equals + 1)) : std::nullopt;
  const bool is_time = time && *time >= 0 && *time <= kLongest;
  if (!parsed || *parsed < 1 || *parsed > kMost || (has_time && !is_time)) {
    return "write an exit status from 1 to 255, and a time if wanted: 75, 75=5m";
  }
  number = *parsed;
  return std::nullopt;
}

bool is_id(std::string_view text) {
  return parse_id(text).has_value();
}

// The text after ~ or =, if it begins with one of them.
std::string_view threshold(std::string_view text) {
  return text.size() > 1 && (text[0] == '~' || text[0] == '=') ? text.substr(1) : text;
}

std::optional<std::string> unless(bool fits, const char* expected) {
  return fits ? std::nullopt : std::optional<std::string>(expected);
}

std::optional<std::string> misfit_choice(const Value& value, std::string_view text, std::int64_t& number) {
  const auto found = std::ranges::find(value.choices, text, &Choice::word);
  if (found == value.choices.end()) {
    return choices_of(value);
  }
  number = found->meaning;
  return std::nullopt;
}

bool are_times(std::string_view text) {
  const std::size_t dots = text.find("..");
  return parse_duration(text.substr(0, dots)) &&
         (dots == std::string_view::npos || parse_duration(text.substr(dots + 2)));
}

}  // namespace

std::string choices_of(const Value& value) {
  std::string list = "it is one of: ";
  for (const Choice& choice : value.choices) {
    list.append(&choice == value.choices.data() ? "" : ", ").append(choice.word);
  }
  return list;
}

std::string meaning_of(const Option& option) {
  std::string meaning(option.meaning);
  const std::size_t place = meaning.find("{}");
  if (place == std::string::npos || option.value.choices.empty()) {
    return meaning;
  }
  std::string list;
  const Choice& last = option.value.choices.back();
  for (const Choice& choice : option.value.choices) {
    if (!list.empty()) {
      list += &choice == &last ? " or " : ", ";
    }
    list += choice.word;
    // The default is not mentioned if the environment can change it.
    if (choice.word == option.value.standard && option.variable == nullptr) {
      list += " (the default)";
    }
  }
  return meaning.replace(place, 2, list);
}

std::optional<std::string> misfit(const Value& value, std::string_view text, std::int64_t& number) {
  using Kind = Value::Kind;
  switch (value.kind) {
    case Kind::number:
      return misfit_number(value, text, number);
    case Kind::time:
      return misfit_time(value, text, number);
    case Kind::age:
      return misfit_age(value, text, number);
    case Kind::moment:
      return misfit_moment(text, number);
    case Kind::past:
      return misfit_past(text, number);
    case Kind::rate:
      return misfit_rate(text, number);
    case Kind::status:
      return misfit_status(text, number);
    case Kind::choice:
      return misfit_choice(value, text, number);
    case Kind::times:
      return unless(are_times(text), "write the shortest and the longest wait: 1s..5m");
    case Kind::id:
      return unless(is_id(text) || text == "$" || text == "+" || text == ">", kAnId);
    case Kind::new_id:
      return unless(text == "*" || is_id(text) || (text.ends_with("-*") && parse_part(text.substr(0, text.size() - 2))),
                    "an ID is 1526919030474-55, 1526919030474-* or *");
    case Kind::length:
      return unless(parse_integer(threshold(text)).value_or(-1) >= 0, "a number of entries: 1000, or ~1000");
    case Kind::lowest_id:
      return unless(is_id(threshold(text)), kAnId);
    case Kind::condition:
      return misfit_condition(text);
    case Kind::flag:
    case Kind::key:
    case Kind::text:
      break;
  }
  return std::nullopt;
}

}  // namespace weir::cli
