// The fields of an entry: a flat hash, kept as the JSON text in which it came.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// A field as Redis sees it: two byte strings. JSON numbers, true, false and null are their JSON text.
struct Field {
  std::string name;
  std::string value;
  friend bool operator==(const Field&, const Field&) = default;
};

/// A field whose text belongs to somebody else.
struct FieldView {
  std::string_view name;
  std::string_view value;
};

/// Fields in their order, repeated names included.
///
/// The text is one JSON object without white space between tokens, e.g. `{"to":"a@b.c","try":1.50}`: tokens stand
/// exactly as they were given, so numbers keep their digits. A value that is not UTF-8 is `{"base64":"…"}`. JSON cannot
/// express a *name* that is not UTF-8; then the whole text is an array of pairs instead:
/// `[[{"base64":"/w=="},"value"]]`.
class Fields {
 public:
  Fields() = default;

  /// Takes text of the form above, from a store or a parser. Text that lacks a bracket at either end is damaged (only
  /// another program can have written it): then the fields that can be read are kept.
  static Fields from_json(std::string text) {
    return has_ends(text) ? Fields(std::move(text)) : from_pairs(Fields(std::move(text)).pairs());
  }

  /// Makes every value a JSON string (or base64 where it is not UTF-8).
  static Fields from_views(std::span<const FieldView> pairs);
  static Fields from_pairs(const std::vector<Field>& pairs);

  const std::string& json() const& { return json_; }
  std::string&& json() && { return std::move(json_); }

  /// Decodes into byte strings. Damaged text (only another program can have written it) gives the fields before the
  /// damage. Never fails.
  std::vector<Field> pairs() const;

  /// The same without copies: the views that `see` is given are valid only during its call.
  void each(const std::function<void(std::string_view name, std::string_view value)>& see) const;

 private:
  static bool has_ends(std::string_view text) {
    return text.size() >= 2 &&
           ((text.front() == '{' && text.back() == '}') || (text.front() == '[' && text.back() == ']'));
  }
  explicit Fields(std::string text) : json_(std::move(text)) {}
  std::string json_ = "{}";
};

/// Appends `bytes` to `out` as a JSON value: a string, or `{"base64":"…"}` if they are not UTF-8.
/// Control characters (C0, DEL and C1) are escaped.
void append_json_value(std::string& out, std::string_view bytes);

}  // namespace weir
