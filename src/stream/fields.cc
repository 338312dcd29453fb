#include "stream/fields.h"

#include <algorithm>
#include <array>
#include <optional>

#include "text/base64.h"
#include "text/json_string.h"
#include "text/utf8.h"

namespace weir {
namespace {

/// The bytes that cannot simply be copied into a JSON string: controls, quotes, and all that is not ASCII.
constexpr std::array<bool, 256> attention() {
  std::array<bool, 256> needs{};
  for (std::size_t c = 0; c < needs.size(); ++c) {
    needs[c] = c < 0x20 || c >= 0x7f || c == '"' || c == '\\';
  }
  return needs;
}

constexpr auto kAttention = attention();
constexpr std::string_view kBase64Open = "{\"base64\":\"";

void append_control(std::string& out, unsigned code) {
  constexpr std::string_view kControls = "\b\f\n\r\t\"\\";
  constexpr std::string_view kLetters = "bfnrt\"\\";
  constexpr std::string_view kHex = "0123456789abcdef";
  if (const auto known = kControls.find(static_cast<char>(code)); code < 0x80 && known != std::string_view::npos) {
    out.push_back('\\');
    out.push_back(kLetters[known]);
    return;
  }
  out.append("\\u00");
  out.push_back(kHex[code >> 4]);
  out.push_back(kHex[code & 0xf]);
}

/// Reads the text of `Fields`. Each step returns whether it found what it looked for. The bytes that it returns lie in
/// the text, or in `scratch` if they had to be decoded.
class Reader {
 public:
  using Bytes = std::optional<std::string_view>;

  explicit Reader(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (!rest_.empty() && is_space(rest_.front())) {
      skip_space();
    }
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  Bytes string(std::string& scratch) {
    if (!take('"')) {
      return std::nullopt;
    }
    std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view plain = rest_.substr(0, end);
    if (plain.find('\\') == std::string_view::npos) {
      rest_.remove_prefix(end + 1);
      return plain;
    }
    end = 0;
    while (end < rest_.size() && rest_[end] != '"') {
      end += rest_[end] == '\\' ? 2 : 1;
    }
    if (end >= rest_.size()) {
      return std::nullopt;
    }
    scratch.clear();
    append_unescaped(scratch, rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return scratch;
  }

  /// A string, base64, or the JSON text of anything else.
  Bytes value(std::string& scratch) {
    const std::string_view before = rest_;
    if (take('"')) {
      rest_ = before;
      return string(scratch);
    }
    if (!take('{')) {
      return take('[') ? nested() : scalar();
    }
    const std::string_view inside = rest_;
    if (auto bytes = base64(scratch)) {
      return bytes;
    }
    rest_ = inside;
    return nested();
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }

  /// After the opening bracket.
  Bytes base64(std::string& scratch) {
    if (string(scratch) != "base64" || !take(':')) {
      return std::nullopt;
    }
    const Bytes text = string(scratch);
    auto bytes = text && take('}') ? decode_base64(*text) : std::nullopt;
    if (!bytes) {
      return std::nullopt;
    }
    scratch = std::move(*bytes);
    return scratch;
  }

  /// Reads from after the opening bracket up to the closing one.
  Bytes nested() {
    const char* begin = rest_.data() - 1;
    std::string unused;
    for (std::size_t depth = 1; depth > 0;) {
      const std::size_t next = rest_.find_first_of("{[]}\"");
      if (next == std::string_view::npos) {
        return std::nullopt;
      }
      rest_.remove_prefix(next);
      if (rest_.front() == '"') {
        if (!string(unused)) {
          return std::nullopt;
        }
        continue;
      }
      depth = rest_.front() == '{' || rest_.front() == '[' ? depth + 1 : depth - 1;
      rest_.remove_prefix(1);
    }
    return std::string_view(begin, static_cast<std::size_t>(rest_.data() - begin));
  }

  Bytes scalar() {
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != ',' && rest_[end] != '}' && rest_[end] != ']' && !is_space(rest_[end])) {
      ++end;
    }
    if (end == 0) {
      return std::nullopt;
    }
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }

  std::string_view rest_;
};

}  // namespace

Fields Fields::from_pairs(const std::vector<Field>& pairs) {
  std::vector<FieldView> views;
  views.reserve(pairs.size());
  for (const Field& field : pairs) {
    views.push_back({field.name, field.value});
  }
  return from_views(views);
}

Fields Fields::from_views(std::span<const FieldView> pairs) {
  constexpr std::size_t kPunctuation = 6;  // bytes of quotes, colon and comma for each field
  bool names_are_text = true;
  std::size_t size = 2;
  for (const FieldView& field : pairs) {
    names_are_text = names_are_text && is_utf8(field.name);
    size += field.name.size() + field.value.size() + kPunctuation;
  }
  std::string text;
  text.reserve(size);
  text.push_back(names_are_text ? '{' : '[');
  for (const FieldView& field : pairs) {
    if (text.size() > 1) {
      text.push_back(',');
    }
    if (!names_are_text) {
      text.push_back('[');
    }
    append_json_value(text, field.name);
    text.push_back(names_are_text ? ':' : ',');
    append_json_value(text, field.value);
    if (!names_are_text) {
      text.push_back(']');
    }
  }
  text.push_back(names_are_text ? '}' : ']');
  return from_json(std::move(text));
}

void Fields::each(const std::function<void(std::string_view name, std::string_view value)>& see) const {
  Reader reader(json_);
  const bool object = reader.take('{');
  if (!object && !reader.take('[')) {
    return;
  }
  std::string name_scratch;
  std::string value_scratch;
  do {
    if (!object && !reader.take('[')) {
      break;
    }
    const auto name = object ? reader.string(name_scratch) : reader.value(name_scratch);
    if (!name || !reader.take(object ? ':' : ',')) {
      break;
    }
    const auto value = reader.value(value_scratch);
    if (!value) {
      break;
    }
    see(*name, *value);
    if (!object && !reader.take(']')) {
      break;
    }
  } while (reader.take(','));
}

std::vector<Field> Fields::pairs() const {
  std::vector<Field> pairs;
  each([&](std::string_view name, std::string_view value) {
    pairs.push_back({std::string(name), std::string(value)});
  });
  return pairs;
}

void append_json_value(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  out.push_back('"');
  std::size_t run = 0;  // everything before this index has been written
  for (std::size_t i = 0; i < bytes.size();) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (!kAttention[c]) {
      ++i;
      continue;
    }
    const std::size_t length = utf8_length(bytes.substr(i));
    if (length == 0) {
      out.resize(start);
      out.append(kBase64Open);
      append_base64(out, bytes);
      out.append("\"}");
      return;
    }
    const bool c1 = c == 0xc2 && static_cast<unsigned char>(bytes[i + 1]) < 0xa0;
    if (c < 0x80 || c1) {
      out.append(bytes.substr(run, i - run));
      append_control(out, c1 ? static_cast<unsigned char>(bytes[i + 1]) : c);
      run = i + length;
    }
    i += length;
  }
  out.append(bytes.substr(run));
  out.push_back('"');
}

}  // namespace weir
