// A line of `batch`: the words of one command.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "io/json_lines.h"

namespace weir::io {

/// Reads a line into `words`, which are emptied first. A line that begins with `[` is a JSON array of strings
/// (`{"base64":"…"}` stands for bytes that are not UTF-8). Any other line has words with the quoting of redis-cli:
/// `"…"` with \n \r \t \b \a \xHH, `'…'` with \', and only white space after a closing quote. A blank line has no
/// words.
tl::expected<void, LineError> parse_batch_line(std::string_view line, std::vector<std::string>& words);

/// Reads a line into words with the quoting of redis-cli, even if it begins with `[`.
tl::expected<void, LineError> parse_words(std::string_view line, std::vector<std::string>& words);

}  // namespace weir::io
