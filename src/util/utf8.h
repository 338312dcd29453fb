// UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// Strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// Requires: `code` is a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t code);

}  // namespace weir
