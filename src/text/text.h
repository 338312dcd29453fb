// Bytes as text: UTF-8, base64, and the insides of JSON strings.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// The length (1 to 4) of the UTF-8 sequence at the start of `text`; 0 if it is none. Overlong forms,
/// surrogates and what lies beyond U+10FFFF are none. Requires: `text` is not empty.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

/// Whether `text` is UTF-8 without control characters (C0, DEL and C1).
bool is_printable(std::string_view text);

/// The same in one line: a space for each CR and LF, as servers do with words of others in their errors.
std::string one_line(std::string_view text);

/// Appends `code` as UTF-8; what is no Unicode scalar value becomes U+FFFD.
void append_utf8(std::string& out, char32_t code);

/// Standard base64 (RFC 4648, section 4): padded, nothing between the characters.
void append_base64(std::string& out, std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view text);

/// Four hexadecimal digits at the start of `text`, or nothing.
std::optional<char32_t> parse_hex4(std::string_view text);

/// Appends what the inside of a JSON string (without its quotes) stands for. Damage never fails: a wrong
/// escape stands for itself, half of a surrogate pair for U+FFFD.
void append_unescaped(std::string& out, std::string_view inside);

void append_number(std::string& out, std::integral auto value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace weir
