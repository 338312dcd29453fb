// Points in time in the forms that people write.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Unix milliseconds of `2026-12-01T09:00` (seconds may follow, and `Z` or `+01:00`; otherwise local time), of
/// `2026-12-01` (its beginning), of `09:00` (the next one after `now`), or of `@1764576000` (Unix seconds, with up to
/// three decimals). Nothing: the text is none of these, or there is no such day or hour.
std::optional<std::chrono::milliseconds> parse_moment(std::string_view text, std::chrono::milliseconds now);

/// A point in time that is probably past. Also accepts a time before `now`, as `2h` (with a unit); `09:00` is the last
/// one up to `now`.
std::optional<std::chrono::milliseconds> parse_past(std::string_view text, std::chrono::milliseconds now);

/// Unix milliseconds as `2026-01-31T12:00:00.000Z`; a time too far away to have a date becomes a bare number.
std::string utc_time(std::chrono::milliseconds time);

}  // namespace weir
