// Words for a shell.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// The word as any shell accepts it: unchanged if nothing in it is special, else in single quotes. Its text is not
/// changed, so it may still have several lines or bytes that a terminal obeys.
std::string shell_word(std::string_view text);

}  // namespace weir
