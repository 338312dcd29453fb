#include "text/duration.h"

#include <array>
#include <limits>
#include <utility>

#include "text/numbers.h"

namespace weir {

std::optional<std::int64_t> parse_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  if (const auto bare = parse_integer(text)) {
    return bare;
  }
  for (const auto& [unit, factor] : kUnits) {
    if (!text.ends_with(unit)) {
      continue;
    }
    const auto number = parse_integer(text.substr(0, text.size() - unit.size()));
    if (number && *number >= 0 && *number <= std::numeric_limits<std::int64_t>::max() / factor) {
      return *number * factor;
    }
  }
  return std::nullopt;
}

std::string duration_word(std::int64_t milliseconds) {
  constexpr std::array<std::pair<std::int64_t, const char*>, 4> kUnits{
      {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}}};
  for (const auto& [length, unit] : kUnits) {
    if (milliseconds % length == 0 && milliseconds != 0) {
      return std::to_string(milliseconds / length) + unit;
    }
  }
  return std::to_string(milliseconds) + (milliseconds == 0 ? "s" : "ms");
}

std::string short_time(std::chrono::milliseconds time) {
  const auto tenths = time.count() / 100 + (time.count() % 100 >= 50 ? 1 : 0);
  if (tenths < 100) {
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
  }
  const auto seconds = time.count() / 1000 + (time.count() % 1000 >= 500 ? 1 : 0);
  if (seconds < 60) {
    return std::to_string(seconds) + "s";
  }
  if (seconds < 3600) {
    return std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s";
  }
  return std::to_string(seconds / 3600) + "h" + std::to_string(seconds / 60 % 60) + "m";
}

}  // namespace weir
