// Bytes as UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// The length (1 to 4) of the UTF-8 sequence at the start of `text`; 0: there is none. Overlong forms, surrogates and
/// values beyond U+10FFFF are no sequences. Requires: `text` is not empty.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

/// Whether `text` is UTF-8 without control characters (C0, DEL and C1).
bool is_printable(std::string_view text);

/// The text on one line: each CR and LF becomes a space, as servers do with foreign words in errors.
std::string one_line(std::string_view text);

/// Appends `code` as UTF-8; a code that is no Unicode scalar value becomes U+FFFD.
void append_utf8(std::string& out, char32_t code);

}  // namespace weir
