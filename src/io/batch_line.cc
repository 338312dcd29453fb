#include "io/batch_line.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "text/base64.h"
#include "text/utf8.h"

namespace weir::io {

namespace {

using Outcome = tl::expected<void, LineError>;

using Bytes = std::array<bool, 256>;

constexpr Bytes bytes_of(std::string_view some) {
  Bytes bytes{};
  for (const char c : some) {
    bytes[static_cast<unsigned char>(c)] = true;
  }
  return bytes;
}

constexpr Bytes kIsSpace = bytes_of(" \t\r\n\v\f");
constexpr Bytes kEndsBare = bytes_of(" \t\r\n\v\f\"'");
constexpr Bytes kEndsDouble = bytes_of("\"\\");
constexpr Bytes kEndsSingle = bytes_of("'\\");

bool is_space(char c) {
  return kIsSpace[static_cast<unsigned char>(c)];
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char letter = static_cast<char>(c | 0x20);
  if (letter >= 'a' && letter <= 'f') {
    return static_cast<unsigned>(letter - 'a') + 10;
  }
  return std::nullopt;
}

// Reads words as redis-cli does.
class WordReader {
 public:
  WordReader(std::string_view line, std::vector<std::string>& words) : line_(line), words_(words) {}

  Outcome read() {
    while (true) {
      while (at_ < line_.size() && is_space(line_[at_])) {
        ++at_;
      }
      if (at_ == line_.size()) {
        return {};
      }
      if (!read_word(words_.emplace_back())) {
        return tl::unexpected(LineError{start_ + 1, "unbalanced quotes in request"});
      }
    }
  }

 private:
  /// Takes the bytes before the first of `ends`.
  void take_until(const Bytes& ends, std::string& word) {
    const auto rest = line_.substr(at_);
    const auto end = std::ranges::find_if(rest, [&](char c) { return ends[static_cast<unsigned char>(c)]; });
    word.append(rest.begin(), end);
    at_ += static_cast<std::size_t>(end - rest.begin());
  }

  // A word may continue in quotes, but must end after a closing quote.
  bool read_word(std::string& word) {
    start_ = at_;
    take_until(kEndsBare, word);
    if (at_ == line_.size() || is_space(line_[at_])) {
      return true;
    }
    const bool closed = line_[at_++] == '"' ? read_double(word) : read_single(word);
    return closed && (at_ == line_.size() || is_space(line_[at_]));
  }

  bool read_double(std::string& word) {
    while (true) {
      take_until(kEndsDouble, word);
      if (at_ == line_.size()) {
        return false;
      }
      if (line_[at_++] == '"') {
        return true;
      }
      if (at_ == line_.size()) {
        return false;
      }
      read_escape(word);
    }
  }

  void read_escape(std::string& word) {
    const char c = line_[at_++];
    if (c == 'x' && at_ + 1 < line_.size()) {
      const auto high = hex_digit(line_[at_]);
      const auto low = hex_digit(line_[at_ + 1]);
      if (high && low) {
        word += static_cast<char>(*high * 16 + *low);
        at_ += 2;
        return;
      }
    }
    constexpr std::string_view kLetters = "nrtba";
    constexpr std::string_view kBytes = "\n\r\t\b\a";
    const std::size_t known = kLetters.find(c);
    word += known == std::string_view::npos ? c : kBytes[known];
  }

  bool read_single(std::string& word) {
    while (true) {
      take_until(kEndsSingle, word);
      if (at_ == line_.size()) {
        return false;
      }
      const char c = line_[at_++];
      if (c == '\'') {
        return true;
      }
      const bool quote = at_ < line_.size() && line_[at_] == '\'';
      word += quote ? line_[at_++] : c;
    }
  }

  std::string_view line_;
  std::vector<std::string>& words_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

// Reads a JSON array of strings; no other JSON is accepted.
class ArrayReader {
 public:
  ArrayReader(std::string_view line, std::vector<std::string>& words) : line_(line), words_(words) {}

  Outcome read() {
    skip_space();
    ++at_;  // skips the bracket
    skip_space();
    if (peek() == ']') {
      ++at_;
      return at_end();
    }
    while (true) {
      if (auto element = read_element(words_.emplace_back()); !element) {
        return element;
      }
      skip_space();
      const char c = peek();
      if (c != ',' && c != ']') {
        return wrong("expected , or ]");
      }
      ++at_;
      if (c == ']') {
        return at_end();
      }
      skip_space();
    }
  }

 private:
  Outcome wrong(const char* reason) const { return tl::unexpected(LineError{at_ + 1, reason}); }
  char peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }
  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r') {
      ++at_;
    }
  }

  Outcome at_end() {
    skip_space();
    return at_ == line_.size() ? Outcome() : wrong("there is more after the array");
  }

  Outcome read_element(std::string& word) {
    if (peek() == '"') {
      return read_string(word);
    }
    if (peek() == '{') {
      return read_base64(word);
    }
    return wrong("expected a string");
  }

  Outcome read_string(std::string& word) {
    ++at_;
    const std::size_t first = at_;
    bool ascii = true;
    while (at_ < line_.size()) {
      // Takes the bytes before the next special byte.
      const std::size_t run = at_;
      while (at_ < line_.size() && line_[at_] != '"' && line_[at_] != '\\' &&
             static_cast<unsigned char>(line_[at_]) >= 0x20) {
        ascii = ascii && static_cast<unsigned char>(line_[at_]) < 0x80;
        ++at_;
      }
      word.append(line_, run, at_ - run);
      if (peek() == '"') {
        if (!ascii && !is_utf8(line_.substr(first, at_ - first))) {
          at_ = first;
          return wrong("not UTF-8");
        }
        ++at_;
        return {};
      }
      if (at_ < line_.size() && line_[at_] != '\\') {
        return wrong("a control character in a string");
      }
      if (at_ == line_.size()) {
        break;
      }
      if (auto escape = read_escape(word); !escape) {
        return escape;
      }
    }
    return wrong("a string without an end");
  }

  Outcome read_escape(std::string& word) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
    const char letter = at_ + 1 < line_.size() ? line_[at_ + 1] : '\0';
    if (letter == 'u') {
      return read_unicode(word);
    }
    const std::size_t known = kLetters.find(letter);
    if (known == std::string_view::npos) {
      return wrong("an unknown escape");
    }
    word += kBytes[known];
    at_ += 2;
    return {};
  }

  // Reads the four digits of \uXXXX.
  std::optional<std::uint32_t> read_code_unit() {
    if (at_ + 6 > line_.size() || line_[at_] != '\\' || line_[at_ + 1] != 'u') {
      return std::nullopt;
    }
    std::uint32_t value = 0;
    for (std::size_t i = at_ + 2; i < at_ + 6; ++i) {
      const auto digit = hex_digit(line_[i]);
      if (!digit) {
        return std::nullopt;
      }
      value = value * 16 + *digit;
    }
    at_ += 6;
    return value;
  }

  Outcome read_unicode(std::string& word) {
    const std::size_t start = at_;
    auto code = read_code_unit();
    if (code && *code >= 0xD800 && *code < 0xDC00) {
      const auto low = read_code_unit();
      code = low && *low >= 0xDC00 && *low < 0xE000
                 ? std::optional(0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00))
                 : std::nullopt;
    } else if (code && *code >= 0xDC00 && *code < 0xE000) {
      code = std::nullopt;
    }
    if (!code) {
      at_ = start;
      return wrong("a wrong \\u escape");
    }
    append_utf8(word, static_cast<char32_t>(*code));
    return {};
  }

  Outcome read_base64(std::string& word) {
    const std::size_t start = at_;
    std::string name;
    std::string text;
    ++at_;
    skip_space();
    if (peek() == '"' && read_string(name) && name == "base64") {
      skip_space();
      if (peek() == ':') {
        ++at_;
        skip_space();
        if (peek() == '"' && read_string(text)) {
          skip_space();
          auto bytes = decode_base64(text);
          if (peek() == '}' && bytes) {
            word = std::move(*bytes);
            ++at_;
            return {};
          }
        }
      }
    }
    at_ = start;
    return wrong("expected a string or {\"base64\":\"…\"}");
  }

  std::string_view line_;
  std::vector<std::string>& words_;
  std::size_t at_ = 0;
};

}  // namespace

tl::expected<void, LineError> parse_batch_line(std::string_view line, std::vector<std::string>& words) {
  words.clear();
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first != std::string_view::npos && line[first] == '[') {
    return ArrayReader(line, words).read();
  }
  return WordReader(line, words).read();
}

tl::expected<void, LineError> parse_words(std::string_view line, std::vector<std::string>& words) {
  words.clear();
  return WordReader(line, words).read();
}

}  // namespace weir::io
