// Standard base64 (RFC 4648, section 4): with padding, and with nothing between the characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

void append_base64(std::string& out, std::string_view bytes);

/// Nothing if `text` is not base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace weir
