// The insides of JSON strings, which is the text between the quotes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// The value of four hexadecimal digits at the start of `text`; nothing: there are not four.
std::optional<char32_t> parse_hex4(std::string_view text);

/// Appends the text for which the inside of a JSON string stands. Damaged text never fails: a wrong escape stands for
/// itself, and half of a surrogate pair for U+FFFD.
void append_unescaped(std::string& out, std::string_view inside);

}  // namespace weir
