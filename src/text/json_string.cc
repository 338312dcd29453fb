#include "text/json_string.h"

#include <charconv>
#include <cstdint>

#include "text/utf8.h"

namespace weir {

std::optional<char32_t> parse_hex4(std::string_view text) {
  constexpr std::size_t kDigits = 4;
  std::uint32_t value = 0;
  if (text.size() < kDigits) {
    return std::nullopt;
  }
  const char* end = text.data() + kDigits;
  if (const auto [stop, error] = std::from_chars(text.data(), end, value, 16); error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return value;
}

void append_unescaped(std::string& out, std::string_view inside) {
  constexpr std::string_view kShort = "\"\\/bfnrt";
  constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
  while (true) {
    const std::size_t slash = inside.find('\\');
    if (slash == std::string_view::npos || slash + 1 == inside.size()) {
      out.append(inside);
      return;
    }
    out.append(inside.substr(0, slash));
    const char letter = inside[slash + 1];
    inside.remove_prefix(slash + 2);
    if (const std::size_t known = kShort.find(letter); known != std::string_view::npos) {
      out.push_back(kMeaning[known]);
      continue;
    }
    auto code = letter == 'u' ? parse_hex4(inside) : std::nullopt;
    if (!code) {
      out.push_back('\\');
      out.push_back(letter);
      continue;
    }
    inside.remove_prefix(4);
    if (*code >= 0xd800 && *code < 0xdc00 && inside.starts_with("\\u")) {
      if (const auto low = parse_hex4(inside.substr(2)); low && *low >= 0xdc00 && *low < 0xe000) {
        code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
        inside.remove_prefix(6);
      }
    }
    append_utf8(out, *code);
  }
}

}  // namespace weir
