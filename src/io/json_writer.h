// Writes JSON by appending to a text. Everything in weir that prints JSON uses this.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "stream/fields.h"
#include "stream/id.h"
#include "text/numbers.h"

namespace weir::io {

/// A bool is not a number here, as weir prints none.
template <typename T>
concept JsonNumber = std::integral<T> && !std::same_as<T, bool>;
template <typename T>
concept JsonScalar = JsonNumber<T> || std::convertible_to<T, std::string_view> || std::same_as<T, Id> ||
    std::same_as<T, std::chrono::milliseconds>;

/// The name of a member, which the compiler puts between quotes. It is not escaped, so it must have plain characters
/// only.
class JsonKey {
 public:
  template <std::size_t N>
  consteval JsonKey(const char (&name)[N]) : size_(N + 3) {
    char* end = std::copy_n(",\"", 2, text_.data());
    end = std::copy_n(name, N - 1, end);
    std::copy_n("\":", 2, end);
  }
  /// `,"name":`
  constexpr std::string_view after_comma() const { return {text_.data(), size_}; }

 private:
  std::array<char, 32> text_{};  // a name that does not fit does not compile
  std::size_t size_;
};

/// Writes JSON values one after another, without white space or newlines. The last character of the text tells whether
/// a comma is needed. So the writer keeps no state, and others may append to the text between two calls.
///
/// `out` has to outlive the writer. No function fails.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void null() { out_.append("null"); }
  /// Writes a string, or `{"base64":"…"}` if `bytes` are not UTF-8.
  void value(std::string_view bytes) { append_json_value(out_, bytes); }
  void value(JsonNumber auto number) { append_number(out_, number); }
  void value(std::chrono::milliseconds time) { append_number(out_, time.count()); }
  /// Writes an ID as a string: `"1-2"`.
  void value(Id id) {
    char text[43];
    text[0] = '"';
    char* end = format_id(id, text + 1);
    *end++ = '"';
    out_.append(text, end);
  }
  /// Writes null for nothing.
  template <JsonScalar T>
  void value(const std::optional<T>& maybe) {
    maybe ? value(*maybe) : null();
  }
  /// Writes text that is JSON already, such as an entry's fields, unchanged.
  void json(std::string_view text) { out_.append(text); }

  /// Writes the comma before the next item or member, if one is needed.
  void next() {
    if (!is_first()) {
      out_.push_back(',');
    }
  }

  /// Writes an array: `each` is called with every item, and has to write one value.
  template <typename Items, typename Each>
  void list(const Items& items, Each&& each) {
    out_.push_back('[');
    for (const auto& item : items) {
      next();
      each(item);
    }
    out_.push_back(']');
  }

  /// Writes an object: `members` writes any number of members.
  template <typename Members>
  void object(Members&& members) {
    out_.push_back('{');
    members();
    out_.push_back('}');
  }

  /// Writes the name of a member; the value has to follow.
  void key(const JsonKey& name) { out_.append(name.after_comma().substr(is_first() ? 1 : 0)); }
  /// The same with a name that is no literal.
  void key_named(std::string_view name) {
    next();
    value(name);
    json(":");
  }
  /// The same with the inside of a JSON string, which keeps its escapes.
  void escaped_key(std::string_view inside) {
    next();
    out_.push_back('"');
    out_.append(inside).append("\":");
  }
  template <typename T>
  void member(const JsonKey& name, const T& of) {
    key(name);
    value(of);
  }

 private:
  /// Whether a bracket was just opened, as only then the text ends with one.
  bool is_first() const { return out_.back() == '[' || out_.back() == '{'; }

  std::string& out_;
};

}  // namespace weir::io
