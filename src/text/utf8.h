// Bytes as UTF-8.
#pragma once

#include <cstddef>
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

}  // namespace weir
