// Durations as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Milliseconds: a bare integer (which may be negative, as Redis allows), or a whole number with a unit:
/// `250ms`, `5s`, `10m`, `2h`, `7d`. Nothing if it is neither or does not fit.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// The same back, exactly and in as large a unit as there is: `90s`, `2h`, `0s`.
std::string duration_word(std::int64_t milliseconds);

/// For people, rounded: `0.4s`, `12s`, `3m20s`, `2h5m`.
std::string short_time(std::chrono::milliseconds time);

}  // namespace weir
