// Glob patterns over bytes, as in Redis's KEYS: * ? [abc] [^a] [a-z] and backslash.
#pragma once

#include <string_view>

namespace weir {

/// Whether all of `text` matches. Every pattern is valid: an unclosed class is treated as in Redis.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace weir
