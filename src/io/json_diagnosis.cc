#include "io/json_diagnosis.h"

#include <array>
#include <string>
#include <vector>

#include "text/json_string.h"
#include "text/utf8.h"

namespace weir::io {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// How a message names a byte.
std::string shown(std::string_view rest) {
  if (rest.empty()) {
    return "the end of the line";
  }
  const auto c = static_cast<unsigned char>(rest.front());
  if (c > 0x20 && c < 0x7f) {
    return c == '\'' ? "\"'\"" : std::string("'") + rest.front() + "'";
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  return std::string("byte 0x") + kHex[c >> 4] + kHex[c & 0xf];
}

/// Goes through the text once and stops at the first error.
class Diagnosis {
 public:
  explicit Diagnosis(std::string_view text) : text_(text) {}

  std::optional<LineError> run() {
    walk();
    return std::move(error_);
  }

 private:
  bool wrong(std::string reason) { return wrong_at(at_, std::move(reason)); }
  bool wrong_at(std::size_t at, std::string reason) {
    error_ = LineError{at + 1, std::move(reason)};
    return false;
  }
  std::string_view rest() const { return text_.substr(at_); }
  char now() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void space() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }
  bool in_object() const { return open_.back() == '{'; }

  bool walk() {
    if (text_.starts_with("\xef\xbb\xbf")) {
      return wrong("a byte order mark is not allowed");
    }
    if (!element()) {
      return false;
    }
    while (!open_.empty()) {
      space();
      const char close = in_object() ? '}' : ']';
      if (now() == close && at_ < text_.size()) {
        ++at_;
        open_.pop_back();
      } else if (now() == ',') {
        ++at_;
        space();
        if (now() == '}' || now() == ']') {
          return wrong("a comma with nothing after it");
        }
        if (!(in_object() ? member() : element())) {
          return false;
        }
      } else {
        return wrong(std::string("expected ',' or '") + close + "', found " + shown(rest()));
      }
    }
    space();
    return at_ == text_.size() || wrong("more after the end of the value: " + shown(rest()));
  }

  bool member() { return name() && element(); }

  /// Reads a scalar, an empty object or array, or the beginning of one up to its first scalar.
  bool element() {
    while (true) {
      space();
      const char c = now();
      if (c != '{' && c != '[') {
        return scalar();
      }
      if (open_.size() == kMaxJsonDepth) {
        return wrong("nested too deeply");
      }
      open_.push_back(c);
      ++at_;
      space();
      if (at_ < text_.size() && now() == (c == '{' ? '}' : ']')) {
        ++at_;
        open_.pop_back();
        return true;
      }
      if (c == '{' && !name()) {
        return false;
      }
    }
  }

  /// Reads a member's name and the colon.
  bool name() {
    if (now() != '"') {
      return wrong("expected a name in double quotes, found " + shown(rest()));
    }
    if (!string()) {
      return false;
    }
    space();
    if (now() != ':') {
      return wrong("expected ':', found " + shown(rest()));
    }
    ++at_;
    return true;
  }

  bool scalar() {
    if (now() == '"') {
      return string();
    }
    if (now() == '-' || is_digit(now())) {
      return number();
    }
    for (const std::string_view word : {"true", "false", "null"}) {
      if (rest().starts_with(word)) {
        at_ += word.size();
        return true;
      }
    }
    return wrong("expected a value, found " + shown(rest()));
  }

  bool digits(const char* where) {
    if (!is_digit(now())) {
      return wrong(std::string("expected a digit ") + where + ", found " + shown(rest()));
    }
    while (is_digit(now())) {
      ++at_;
    }
    return true;
  }

  bool number() {
    if (now() == '-') {
      ++at_;
    }
    if (now() == '0') {
      ++at_;
      if (is_digit(now())) {
        return wrong("a number with a leading zero");
      }
    } else if (!digits("after '-'")) {
      return false;
    }
    if (now() == '.') {
      ++at_;
      if (!digits("after '.'")) {
        return false;
      }
    }
    if (now() == 'e' || now() == 'E') {
      ++at_;
      if (now() == '+' || now() == '-') {
        ++at_;
      }
      return digits("in the exponent");
    }
    return true;
  }

  bool string() {
    const std::size_t start = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        return wrong("a control character in a string must be escaped: " + shown(rest()));
      }
      if (c == '\\') {
        if (!escape()) {
          return false;
        }
        continue;
      }
      const std::size_t length = utf8_length(rest());
      if (length == 0) {
        return wrong("not UTF-8: " + shown(rest()));
      }
      at_ += length;
    }
    return wrong_at(start, "a string that does not end");
  }

  bool escape() {
    const std::size_t start = at_;
    const auto code = unit();
    if (error_ || !code) {
      return !error_;
    }
    if (*code >= 0xdc00 && *code <= 0xdfff) {
      return wrong_at(start, "the second half of a surrogate pair without the first");
    }
    if (*code >= 0xd800 && *code <= 0xdbff) {
      const auto low = rest().starts_with("\\u") ? unit() : std::nullopt;
      if (!error_ && (!low || *low < 0xdc00 || *low > 0xdfff)) {
        return wrong_at(start, "the first half of a surrogate pair without the second");
      }
    }
    return !error_;
  }

  /// Reads one escape; returns its number if it is `\u`.
  std::optional<char32_t> unit() {
    const std::size_t start = at_++;
    const char letter = now();
    if (letter == 'u') {
      const auto code = parse_hex4(text_.substr(at_ + 1));
      if (!code) {
        wrong_at(start, "expected four hexadecimal digits after \\u");
        return std::nullopt;
      }
      at_ += 5;
      return code;
    }
    if (at_ >= text_.size()) {
      wrong_at(start, "a string that does not end");
    } else if (std::string_view("\"\\/bfnrt").find(letter) == std::string_view::npos) {
      wrong_at(start, "an escape that JSON does not have");
    } else {
      ++at_;
    }
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<char> open_;
  std::optional<LineError> error_;
};

}  // namespace

std::optional<LineError> diagnose_json(std::string_view text) {
  return Diagnosis(text).run();
}

}  // namespace weir::io
