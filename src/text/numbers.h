// Whole numbers as text.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// A signed 64-bit integer as Redis reads one: no spaces, no plus sign, no leading zeros.
std::optional<std::int64_t> parse_integer(std::string_view text);

void append_number(std::string& out, std::integral auto value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace weir
