// Whole numbers as text.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace weir {

/// The number that the whole text stands for, if it fits the type. Only digits are allowed, and a minus sign if the
/// type is signed.
template <std::integral T>
std::optional<T> whole_number(std::string_view text) {
  T value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// A signed 64-bit integer in Redis's form: no spaces, no plus sign, no leading zeros.
std::optional<std::int64_t> parse_integer(std::string_view text);

void append_number(std::string& out, std::integral auto value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace weir
