// Splits a line of JSON into tokens: `{ } [ ] : ,`, strings with their quotes, and scalars.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::io {

/// simdjson finds where tokens begin, and checks that strings are closed, are UTF-8, and have no bare control
/// characters. Everything between the beginnings is checked here. Nothing is decoded, and nothing recurses.
///
/// The views stay valid as long as the text, and until the next `read`. Threads: one at a time.
class JsonTokens {
 public:
  JsonTokens();
  ~JsonTokens();
  JsonTokens(const JsonTokens&) = delete;
  JsonTokens& operator=(const JsonTokens&) = delete;

  /// Whether `text` is one JSON object or array by RFC 8259. If not, the tokens must not be used.
  bool read(std::string_view text);

  std::size_t count() const { return count_; }
  char first(std::size_t i) const { return i < count_ ? text_[begins_[i]] : '\0'; }
  std::size_t offset(std::size_t i) const { return begins_[i]; }
  std::string_view token(std::size_t i) const {
    std::size_t end = begins_[i + 1];
    while (is_space(text_[end - 1])) {
      --end;
    }
    return text_.substr(begins_[i], end - begins_[i]);
  }
  /// The text between the quotes of a string, with its escapes.
  std::string_view inside(std::size_t i) const {
    const std::string_view quoted = token(i);
    return quoted.substr(1, quoted.size() - 2);
  }

  /// The token after the value that begins with token `i`.
  std::size_t after(std::size_t i) const;
  bool nested(std::size_t i) const { return first(i) == '{' || first(i) == '['; }
  /// Whether the outermost value contains an object or array.
  bool deep() const { return deep_; }
  /// Whether the text contains a null.
  bool has_null() const { return null_; }

  /// Appends tokens, without the white space between them.
  void append(std::string& out, std::size_t begin, std::size_t end) const;
  /// The whole text, without white space between tokens.
  std::string minimal() const;

 private:
  struct Indexer;
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  bool check();
  bool check_string(std::string_view token) const;

  std::unique_ptr<Indexer> indexer_;
  std::string_view text_;
  const std::uint32_t* begins_ = nullptr;  ///< one more than `count_`: the last is the end of the text
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;  ///< bytes in all tokens
  bool escapes_ = false;   ///< whether the text has a backslash
  bool deep_ = false;
  bool null_ = false;
};

}  // namespace weir::io
