// Durations in the forms that people write.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Milliseconds from a bare integer (which may be negative, as in Redis) or from a whole number with a unit: `250ms`,
/// `5s`, `10m`, `2h`, `7d`. Nothing: the text is neither, or too large.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// Writes milliseconds in that form, exactly and with the largest possible unit: `90s`, `2h`, `0s`.
std::string duration_word(std::int64_t milliseconds);

/// For people, rounded: `0.4s`, `12s`, `3m20s`, `2h5m`.
std::string short_time(std::chrono::milliseconds time);

}  // namespace weir
