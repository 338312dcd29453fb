#include "text/text.h"

#include <algorithm>

#include <array>
#include <cstdint>
#include <cstring>

namespace weir {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotBase64 = 0xff;

constexpr std::array<std::uint8_t, 256> base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotBase64);
  for (std::size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr auto kBase64Values = base64_values();

constexpr std::uint32_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const std::uint32_t lead = byte_at(text, 0);
  if (lead < 0x80) {
    return 1;
  }
  const std::size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) {
      return 0;
    }
  }
  const std::uint32_t second = byte_at(text, 1);
  const bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return wrong ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    std::uint64_t eight = 0;
    if (text.size() >= sizeof eight) {
      std::memcpy(&eight, text.data(), sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        text.remove_prefix(sizeof eight);
        continue;
      }
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint32_t c = byte_at(text, i);
    const bool c1 = c == 0xc2 && i + 1 < text.size() && byte_at(text, i + 1) < 0xa0;
    if (c < 0x20 || c == 0x7f || c1) {
      return false;
    }
  }
  return is_utf8(text);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return line;
}

void append_utf8(std::string& out, char32_t code) {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    code = 0xfffd;
  }
  const auto add = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | (code >> 6));
    add(0x80 | (code & 0x3f));
  } else {
    if (code < 0x10000) {
      add(0xe0 | (code >> 12));
    } else {
      add(0xf0 | (code >> 18));
      add(0x80 | ((code >> 12) & 0x3f));
    }
    add(0x80 | ((code >> 6) & 0x3f));
    add(0x80 | (code & 0x3f));
  }
}

void append_base64(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const std::uint32_t group =
        byte_at(bytes, i) << 16 | (left > 1 ? byte_at(bytes, i + 1) << 8 : 0) | (left > 2 ? byte_at(bytes, i + 2) : 0);
    out.push_back(kBase64[group >> 18]);
    out.push_back(kBase64[group >> 12 & 0x3f]);
    out.push_back(left > 1 ? kBase64[group >> 6 & 0x3f] : '=');
    out.push_back(left > 2 ? kBase64[group & 0x3f] : '=');
  }
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::uint32_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value == kNotBase64) {
      return std::nullopt;
    }
    bits = bits << 6 | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>(bits >> held & 0xff));
    }
  }
  return bytes;
}

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
