// Glob patterns as Redis's KEYS has them: * ? [abc] [^a] [a-z] and backslash. Over bytes.
#pragma once

#include <string_view>

namespace weir {

/// Whether the whole of `text` matches. A pattern is never wrong: what is not closed is taken as Redis takes it.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace weir
