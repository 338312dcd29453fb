// The insides of JSON strings: what stands between their quotes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// Four hexadecimal digits at the start of `text`, or nothing.
std::optional<char32_t> parse_hex4(std::string_view text);

/// Appends what the inside of a JSON string stands for. Damage never fails: a wrong escape stands for itself, half of a
/// surrogate pair for U+FFFD.
void append_unescaped(std::string& out, std::string_view inside);

}  // namespace weir
