// JSON, appended to a text. Whoever prints JSON prints it through this.
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

/// A bool is none: nothing that weir prints is one.
template <typename T>
concept JsonNumber = std::integral<T> && !std::same_as<T, bool>;
template <typename T>
concept JsonScalar = JsonNumber<T> || std::convertible_to<T, std::string_view> || std::same_as<T, Id> ||
    std::same_as<T, std::chrono::milliseconds>;

/// The name of a member, put between quotes by the compiler. It is printed as it is: plain characters only.
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
  std::array<char, 32> text_{};  // a name that is too long for it does not compile
  std::size_t size_;
};

/// Writes one JSON value after another, without white space or newlines. It has no memory of its own: whether a comma
/// is due it sees from the last character, so others may append to the same text between two calls.
///
/// `out` has to outlive it. Nothing here fails.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void null() { out_.append("null"); }
  /// A string, or `{"base64":"…"}` where `bytes` are not UTF-8.
  void value(std::string_view bytes) { append_json_value(out_, bytes); }
  void value(JsonNumber auto number) { append_number(out_, number); }
  void value(std::chrono::milliseconds time) { append_number(out_, time.count()); }
  /// A string, as `"1-2"`.
  void value(Id id) {
    char text[43];
    text[0] = '"';
    char* end = format_id(id, text + 1);
    *end++ = '"';
    out_.append(text, end);
  }
  /// Nothing is null.
  template <JsonScalar T>
  void value(const std::optional<T>& maybe) {
    maybe ? value(*maybe) : null();
  }
  /// What is JSON already, such as an entry's fields: it passes through as it is.
  void json(std::string_view text) { out_.append(text); }

  /// Puts the comma before the next item or member, if one is due.
  void next() {
    if (!is_first()) {
      out_.push_back(',');
    }
  }

  /// `each` is called with every item, and writes one value.
  template <typename Items, typename Each>
  void list(const Items& items, Each&& each) {
    out_.push_back('[');
    for (const auto& item : items) {
      next();
      each(item);
    }
    out_.push_back(']');
  }

  /// `members` writes any number of members.
  template <typename Members>
  void object(Members&& members) {
    out_.push_back('{');
    members();
    out_.push_back('}');
  }

  /// The name of a member; its value has to come next.
  void key(const JsonKey& name) { out_.append(name.after_comma().substr(is_first() ? 1 : 0)); }
  /// The same where the name is no literal.
  void key_named(std::string_view name) {
    next();
    value(name);
    json(":");
  }
  /// The same with the inside of a JSON string, its escapes included.
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
  /// Whether a bracket was opened just now: nothing else ends so.
  bool is_first() const { return out_.back() == '[' || out_.back() == '{'; }

  std::string& out_;
};

}  // namespace weir::io
