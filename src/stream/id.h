// The ID of an entry: milliseconds and a sequence number, both over the full unsigned 64-bit range.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

struct Id {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};

inline constexpr std::uint64_t kMaxPart = std::numeric_limits<std::uint64_t>::max();
inline constexpr Id kMinId{0, 0};
inline constexpr Id kMaxId{kMaxPart, kMaxPart};

/// The ID just after or before `id`; nothing past either end.
std::optional<Id> next_id(Id id);
std::optional<Id> previous_id(Id id);

/// The ID that `*` gives at `now_ms` (Unix milliseconds) on a stream whose last ID is `last`:
/// `now-0`, or `last` + 1 if the clock is not past it. Nothing if `last` is the highest ID.
std::optional<Id> generate_id(Id last, std::uint64_t now_ms);

/// Reads "ms-seq" or "ms"; a missing sequence becomes `missing_seq`. Accepts what Redis accepts
/// (leading zeros, a plus sign), refuses everything else, `-` and `+` included.
std::optional<Id> parse_id(std::string_view text, std::uint64_t missing_seq = 0);

/// An unsigned 64-bit number as Redis reads one in an ID.
std::optional<std::uint64_t> parse_part(std::string_view text);

std::string to_string(Id id);

/// Writes "ms-seq" at `out` (which must hold 41 bytes) and returns the end.
char* format_id(Id id, char* out);

}  // namespace weir
