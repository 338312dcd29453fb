#include "text/numbers.h"

namespace weir {

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const std::size_t first_digit = text.starts_with('-') ? 1 : 0;
  if (first_digit >= text.size() || (text[first_digit] == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  return whole_number<std::int64_t>(text);
}

}  // namespace weir
