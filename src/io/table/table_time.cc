#include "io/table/table_time.h"

#include <array>
#include <ctime>
#include <string_view>
#include <utility>

namespace weir::io {
namespace {

std::tm broken_down(UnixMs time, bool utc) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).count();
  std::tm result{};
  utc ? ::gmtime_r(&seconds, &result) : ::localtime_r(&seconds, &result);
  return result;
}

}  // namespace

std::optional<UnixMs> time_of(Id id) {
  constexpr std::uint64_t kYear1975 = 157'766'400'000;
  constexpr std::uint64_t kYear9999 = 253'370'764'800'000;
  return id.ms >= kYear1975 && id.ms < kYear9999 ? std::optional(UnixMs(static_cast<std::int64_t>(id.ms)))
                                                 : std::nullopt;
}

std::string age_text(std::chrono::milliseconds age) {
  using std::chrono::seconds;
  constexpr seconds kDay{86'400};
  constexpr std::array<std::pair<seconds, char>, 5> kUnits{
      {{365 * kDay, 'y'}, {kDay, 'd'}, {seconds(3600), 'h'}, {seconds(60), 'm'}, {seconds(1), 's'}}};
  for (const auto& [length, letter] : kUnits) {
    if (age >= length) {
      return std::to_string(age / length) + letter;
    }
  }
  return "<1s";
}

std::string due_text(std::chrono::milliseconds left) {
  if (left == kWaitsForAnother) {
    return "in turn";
  }
  return left.count() <= 0 ? "now" : "in " + age_text(left);
}

std::string time_text(UnixMs time, UnixMs now, bool utc, bool narrow) {
  const std::tm then = broken_down(time, utc);
  const std::tm today = broken_down(now, utc);
  const bool same_year = then.tm_year == today.tm_year;
  const char* format = "%Y-%m-%d %H:%M:%S";
  if (same_year && then.tm_yday == today.tm_yday) {
    format = "%H:%M:%S";
  } else if (narrow) {
    format = same_year ? "%m-%d %H:%M" : "%Y-%m-%d";
  }
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), format, &then)};
}

}  // namespace weir::io
