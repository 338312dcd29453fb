#include "text/moment.h"

#include <array>
#include <cstdint>
#include <ctime>

#include "text/duration.h"

namespace weir {
namespace {

using Millis = std::chrono::milliseconds;

/// Reads pieces off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool take(char c) {
    if (!text_.starts_with(c)) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }
  /// Reads exactly `digits` digits, with a value of at most `most`.
  std::optional<int> number(std::size_t digits, int most) {
    int value = 0;
    if (text_.size() < digits) {
      return std::nullopt;
    }
    for (const char c : text_.substr(0, digits)) {
      if (c < '0' || c > '9') {
        return std::nullopt;
      }
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(digits);
    return value <= most ? std::optional(value) : std::nullopt;
  }

 private:
  std::string_view text_;
};

constexpr int kLastHour = 23;
constexpr int kLastMinute = 59;

struct Clock {
  int hour = 0;
  int minute = 0;
  int second = 0;
};

std::optional<Clock> read_clock(Scanner& scanner) {
  const auto hour = scanner.number(2, kLastHour);
  if (!hour || !scanner.take(':')) {
    return std::nullopt;
  }
  const auto minute = scanner.number(2, kLastMinute);
  const auto second = scanner.take(':') ? scanner.number(2, kLastMinute) : std::optional(0);
  return minute && second ? std::optional(Clock{*hour, *minute, *second}) : std::nullopt;
}

/// Local time; nothing: there is no such day. An hour that is skipped in spring becomes the next hour.
std::optional<Millis> local(std::tm day, const Clock& clock) {
  day.tm_hour = clock.hour;
  day.tm_min = clock.minute;
  day.tm_sec = clock.second;
  day.tm_isdst = -1;
  const int of_month = day.tm_mday;
  const std::time_t seconds = std::mktime(&day);
  const bool other_day = day.tm_mday != of_month && clock.hour != kLastHour;
  return seconds == -1 || other_day ? std::nullopt : std::optional<Millis>(std::chrono::seconds(seconds));
}

std::optional<Millis> next_clock(const Clock& clock, Millis now) {
  const auto seconds = static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(now).count());
  std::tm day{};
  if (localtime_r(&seconds, &day) == nullptr) {
    return std::nullopt;
  }
  auto moment = local(day, clock);
  if (moment && *moment <= now) {
    ++day.tm_mday;
    day.tm_hour = 12;  // any hour of the day will do; mktime finds the month
    day.tm_isdst = -1;
    if (std::mktime(&day) == -1) {
      return std::nullopt;
    }
    moment = local(day, clock);
  }
  return moment;
}

/// The zone after a time of day: nothing, Z, or the difference from UTC.
struct Zone {
  bool local = true;
  int minutes = 0;
};

std::optional<Zone> read_zone(Scanner& scanner) {
  if (scanner.at_end()) {
    return Zone{};
  }
  if (scanner.take('Z')) {
    return scanner.at_end() ? std::optional(Zone{false, 0}) : std::nullopt;
  }
  const bool east = scanner.take('+');
  if (!east && !scanner.take('-')) {
    return std::nullopt;
  }
  const auto hours = scanner.number(2, kLastHour);
  scanner.take(':');
  const auto minutes = scanner.number(2, kLastMinute);
  if (!hours || !minutes || !scanner.at_end()) {
    return std::nullopt;
  }
  const int from_utc = *hours * 60 + *minutes;
  return Zone{false, east ? from_utc : -from_utc};
}

std::optional<Millis> dated(Scanner scanner) {
  const auto year = scanner.number(4, 9999);
  const auto month = scanner.take('-') ? scanner.number(2, 12) : std::nullopt;
  const auto day = scanner.take('-') ? scanner.number(2, 31) : std::nullopt;
  if (!year || !month || !day) {
    return std::nullopt;
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  const bool clock_follows = scanner.take('T') || scanner.take(' ');
  const auto clock = clock_follows ? read_clock(scanner) : std::optional(Clock());
  const auto zone = clock ? read_zone(scanner) : std::nullopt;
  if (!date.ok() || !zone || (!clock_follows && !zone->local)) {
    return std::nullopt;
  }
  if (zone->local) {
    std::tm tm{};
    tm.tm_year = *year - 1900;
    tm.tm_mon = *month - 1;
    tm.tm_mday = *day;
    return local(tm, *clock);
  }
  return sys_days(date).time_since_epoch() + hours(clock->hour) + minutes(clock->minute - zone->minutes) +
         seconds(clock->second);
}

std::optional<Millis> unix_seconds(std::string_view text) {
  constexpr std::size_t kMostDigits = 12;
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + (text[digits] - '0');
    if (++digits > kMostDigits) {
      return std::nullopt;
    }
  }
  std::int64_t millis = value * 1000;
  if (digits == 0 || digits == text.size()) {
    return digits == 0 ? std::nullopt : std::optional(Millis(millis));
  }
  const std::string_view decimals = text.substr(digits + 1);
  if (text[digits] != '.' || decimals.empty() || decimals.size() > 3) {
    return std::nullopt;
  }
  std::int64_t unit = 100;
  for (const char c : decimals) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    millis += (c - '0') * unit;
    unit /= 10;
  }
  return Millis(millis);
}

}  // namespace

std::optional<Millis> parse_moment(std::string_view text, Millis now) {
  if (text.starts_with('@')) {
    return unix_seconds(text.substr(1));
  }
  Scanner scanner(text);
  if (const auto clock = read_clock(scanner); clock && scanner.at_end()) {
    return next_clock(*clock, now);
  }
  return dated(Scanner(text));
}

std::optional<Millis> parse_past(std::string_view text, Millis now) {
  constexpr Millis kTwoDays = std::chrono::hours(48);
  const auto ago = parse_duration(text);
  // A bare number would be milliseconds, but the user probably means a time of day or the time of an ID.
  if (ago && text.find_first_not_of("-0123456789") != std::string_view::npos) {
    return *ago >= 0 && *ago <= now.count() ? std::optional(now - Millis(*ago)) : std::nullopt;
  }
  Scanner scanner(text);
  const auto clock = read_clock(scanner);
  if (!clock || !scanner.at_end()) {
    return parse_moment(text, now);
  }
  // A day may have 23 or 25 hours.
  std::optional<Millis> last;
  for (auto next = next_clock(*clock, now - kTwoDays); next && *next <= now; next = next_clock(*clock, *next)) {
    last = next;
  }
  return last;
}

std::string utc_time(std::chrono::milliseconds time) {
  constexpr std::int64_t kYear9999 = 253'402'300'799'999;
  if (time.count() < 0 || time.count() > kYear9999) {
    return std::to_string(time.count());
  }
  const auto seconds = static_cast<std::time_t>(time.count() / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string ms = std::to_string(1000 + time.count() % 1000);
  return std::string(text.data(), size) + "." + ms.substr(1) + "Z";
}

}  // namespace weir
