#include "io/json_lines.h"

#include <algorithm>

#include "io/json_diagnosis.h"
#include "io/json_tokens.h"
#include "io/json_writer.h"
#include "text/base64.h"
#include "text/json_string.h"
#include "text/numbers.h"

namespace weir::io {
namespace {

using Parsed = tl::expected<ParsedLine, LineError>;

/// The most bytes that flattening may make of a line: names repeat the path, so a small line could become huge.
constexpr std::size_t kMaxFlattened = std::size_t{64} << 20;

tl::unexpected<LineError> wrong(std::size_t offset, std::string reason) {
  return tl::unexpected<LineError>(LineError{offset + 1, std::move(reason)});
}

tl::unexpected<LineError> not_an_object(std::string_view line) {
  if (auto error = diagnose_json(line)) {
    return tl::unexpected<LineError>(std::move(*error));
  }
  const std::size_t begin = line.find_first_not_of(" \t\r\n");
  return wrong(begin == std::string_view::npos ? 0 : begin, "not a JSON object");
}

bool is_named(const JsonTokens& tokens, std::size_t i, std::string_view name) {
  const std::string_view inside = tokens.inside(i);
  if (inside == name) {
    return true;
  }
  if (inside.find('\\') == std::string_view::npos) {
    return false;
  }
  std::string decoded;
  append_unescaped(decoded, inside);
  return decoded == name;
}

/// Where the values of an entry's members are; 0: missing. If a name is repeated, the last one counts.
struct EntryMembers {
  std::size_t id = 0;
  std::size_t stream = 0;
  std::size_t fields = 0;
};

EntryMembers entry_members(const JsonTokens& tokens) {
  EntryMembers found;
  const std::size_t close = tokens.count() - 1;
  for (std::size_t i = 1; i < close; ++i) {
    const std::size_t value = i + 2;
    if (is_named(tokens, i, "fields")) {
      found.fields = value;
    } else if (is_named(tokens, i, "id")) {
      found.id = value;
    } else if (is_named(tokens, i, "stream")) {
      found.stream = value;
    }
    i = tokens.after(value);
  }
  return found;
}

/// Whether the value is `{"base64":"…"}`, with any string.
bool is_base64_object(const JsonTokens& tokens, std::size_t i) {
  return tokens.first(i) == '{' && tokens.first(i + 1) == '"' && is_named(tokens, i + 1, "base64") &&
         tokens.first(i + 3) == '"' && tokens.first(i + 4) == '}';
}

std::optional<std::string> base64_bytes(const JsonTokens& tokens, std::size_t i) {
  std::string text;
  append_unescaped(text, tokens.inside(i + 3));
  return decode_base64(text);
}

bool is_string_or_base64(const JsonTokens& tokens, std::size_t i) {
  return tokens.first(i) == '"' || (is_base64_object(tokens, i) && base64_bytes(tokens, i));
}

std::optional<std::string> bytes_of(const JsonTokens& tokens, std::size_t i) {
  if (tokens.first(i) == '"') {
    std::string text;
    append_unescaped(text, tokens.inside(i));
    return text;
  }
  return is_base64_object(tokens, i) ? base64_bytes(tokens, i) : std::nullopt;
}

/// weir's own form for names that are not UTF-8: `[[name,value],…]`.
bool is_array_of_pairs(const JsonTokens& tokens, std::size_t array) {
  if (tokens.first(array) != '[' || tokens.first(array + 1) != '[') {
    return false;
  }
  std::size_t i = array;
  do {
    ++i;
    if (tokens.first(i) != '[' || !is_string_or_base64(tokens, i + 1)) {
      return false;
    }
    i = tokens.after(i + 1);
    const std::size_t value = i + 1;
    if (tokens.first(i) != ',' || (tokens.nested(value) && !is_string_or_base64(tokens, value))) {
      return false;
    }
    i = tokens.after(value);
    if (tokens.first(i) != ']') {
      return false;
    }
    ++i;
  } while (tokens.first(i) == ',');
  return tokens.first(i) == ']';
}

/// Copies an object's members as fields, and treats nested values as requested.
class FieldsWriter {
 public:
  FieldsWriter(const JsonTokens& tokens, Nested nested, std::size_t limit)
      : tokens_(tokens), nested_(nested), limit_(limit) {}

  tl::expected<std::string, LineError> write(std::size_t object) {
    out_.push_back('{');
    members(object, {});
    if (error_) {
      return tl::unexpected<LineError>(std::move(*error_));
    }
    out_.push_back('}');
    return std::move(out_);
  }

 private:
  void members(std::size_t container, std::string_view path) {
    const bool object = tokens_.first(container) == '{';
    const std::size_t close = tokens_.after(container) - 1;
    std::size_t index = 0;
    for (std::size_t i = container + 1; i < close && !error_;) {
      if (tokens_.first(i) == ',') {
        ++i;
      }
      std::string name(path);
      if (object) {
        name.append(tokens_.inside(i));
        i += 2;
      } else {
        append_number(name, index++);
      }
      field(name, i);
      i = tokens_.after(i);
    }
  }

  void field(const std::string& name, std::size_t value) {
    if (!tokens_.nested(value)) {
      JsonWriter(out_).escaped_key(name);
      out_.append(tokens_.token(value));
    } else if (is_base64_object(tokens_, value)) {
      JsonWriter(out_).escaped_key(name);
      tokens_.append(out_, value, tokens_.after(value));
      if (!base64_bytes(tokens_, value)) {
        refuse(tokens_.offset(value + 3), "field " + shown(name) + " is not valid base64");
      }
    } else if (nested_ == Nested::refuse) {
      refuse(tokens_.offset(value), "field " + shown(name) + " holds an " +
                                        (tokens_.first(value) == '{' ? "object" : "array") +
                                        "; a message is flat (see --nested)");
    } else if (nested_ == Nested::flatten && tokens_.after(value) != value + 2) {
      members(value, name + '.');
    } else {
      JsonWriter(out_).escaped_key(name);
      std::string text;
      tokens_.append(text, value, tokens_.after(value));
      append_json_value(out_, text);
    }
    if (out_.size() > limit_) {
      refuse(tokens_.offset(value), "too large when flattened");
    }
  }

  void refuse(std::size_t offset, std::string reason) {
    if (!error_) {
      error_ = LineError{offset + 1, std::move(reason)};
    }
  }

  /// The name for an error message, with control characters escaped.
  static std::string shown(std::string_view inside) {
    std::string decoded;
    std::string text;
    append_unescaped(decoded, inside);
    append_json_value(text, decoded);
    return text;
  }

  const JsonTokens& tokens_;
  Nested nested_;
  std::size_t limit_;
  std::string out_;
  std::optional<LineError> error_;
};

tl::expected<Id, LineError> id_at(const JsonTokens& tokens, std::size_t i) {
  if (tokens.first(i) == '"') {
    std::string text;
    append_unescaped(text, tokens.inside(i));
    if (const auto id = parse_id(text)) {
      return *id;
    }
  }
  return wrong(tokens.offset(i), "\"id\" is not an ID such as \"1526919030474-55\"");
}

/// Whether the line is an entry that was deleted while it was pending, as weir prints it.
bool is_deleted(const JsonTokens& tokens, const EntryMembers& members) {
  return members.fields != 0 && tokens.first(members.fields) == 'n' && members.id != 0 && members.stream != 0 &&
         id_at(tokens, members.id) && is_string_or_base64(tokens, members.stream);
}

}  // namespace

struct LineParser::Impl {
  Nested nested;
  JsonTokens tokens;

  Parsed fields_line(std::string_view line) {
    if (tokens.count() == 2) {
      return wrong(tokens.offset(0), "no fields: an entry has at least one");
    }
    ParsedLine parsed;
    if (!tokens.deep()) {
      parsed.fields = Fields::from_json(tokens.minimal());
      return parsed;
    }
    auto text = FieldsWriter(tokens, nested, limit(line)).write(0);
    if (!text) {
      return tl::unexpected<LineError>(std::move(text).error());
    }
    parsed.fields = Fields::from_json(std::move(*text));
    return parsed;
  }

  Parsed entry_line(std::string_view line, const EntryMembers& members) {
    const std::size_t fields = members.fields;
    if (tokens.after(fields) == fields + 2) {
      return wrong(tokens.offset(fields), "no fields: an entry has at least one");
    }
    ParsedLine parsed;
    if (members.id != 0) {
      const auto value = id_at(tokens, members.id);
      if (!value) {
        return tl::unexpected<LineError>(value.error());
      }
      parsed.id = *value;
    }
    if (members.stream != 0) {
      parsed.stream = bytes_of(tokens, members.stream);
      if (!parsed.stream) {
        return wrong(tokens.offset(members.stream), "\"stream\" is not a string");
      }
    }
    std::string text;
    if (const std::size_t end = tokens.after(fields); tokens.first(fields) == '[' || is_flat(fields, end)) {
      tokens.append(text, fields, end);
    } else {
      auto written = FieldsWriter(tokens, nested, limit(line)).write(fields);
      if (!written) {
        return tl::unexpected<LineError>(std::move(written).error());
      }
      text = std::move(*written);
    }
    parsed.fields = Fields::from_json(std::move(text));
    return parsed;
  }

  bool is_flat(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (tokens.nested(i)) {
        return false;
      }
    }
    return true;
  }

  static std::size_t limit(std::string_view line) { return std::max(kMaxFlattened, line.size() * 8); }
};

LineParser::LineParser(Nested nested) : impl_(std::make_unique<Impl>()) {
  impl_->nested = nested;
}
LineParser::~LineParser() = default;
LineParser::LineParser(LineParser&&) noexcept = default;
LineParser& LineParser::operator=(LineParser&&) noexcept = default;

tl::expected<ParsedLine, LineError> LineParser::parse(std::string_view line) {
  JsonTokens& tokens = impl_->tokens;
  if (!tokens.read(line) || tokens.first(0) != '{') {
    return not_an_object(line);
  }
  if (tokens.deep() || tokens.has_null()) {
    const EntryMembers members = entry_members(tokens);
    const std::size_t fields = members.fields;
    if (fields != 0 && (tokens.first(fields) == '{' || is_array_of_pairs(tokens, fields))) {
      return impl_->entry_line(line, members);
    }
    if (is_deleted(tokens, members)) {
      return wrong(tokens.offset(fields), "an entry without fields: it was deleted");
    }
  }
  return impl_->fields_line(line);
}

tl::expected<Id, LineError> parse_id_line(std::string_view line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t\r\n"), line.size());
  const std::string_view text = line.substr(begin, line.find_last_not_of(" \t\r\n") + 1 - begin);
  if (!text.starts_with('{')) {
    if (const auto id = parse_id(text)) {
      return *id;
    }
    return wrong(begin, "not an ID such as 1526919030474-55");
  }
  thread_local JsonTokens tokens;  // kept for its buffers
  if (!tokens.read(line)) {
    return not_an_object(line);
  }
  const std::size_t id = entry_members(tokens).id;
  if (id == 0) {
    return wrong(begin, "the object has no \"id\"");
  }
  return id_at(tokens, id);
}

}  // namespace weir::io
