#include "stream/field_edit.h"

namespace weir {
namespace {

/// Where the separators between fields are: the text is compact JSON, so every field ends at a comma that is in no
/// string and in no inner bracket.
std::vector<std::size_t> separators(std::string_view json) {
  std::vector<std::size_t> result;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ',' && depth == 1) {
      result.push_back(i);
    }
  }
  return result;
}

}  // namespace

Fields with_fields(const Fields& fields, const std::vector<JsonField>& more) {
  std::string json = fields.json();
  const bool pairs = json.front() == '[';  // some name is not UTF-8
  const char end = json.back();
  json.pop_back();
  for (const JsonField& field : more) {
    if (json.size() > 1) {
      json += ',';
    }
    if (pairs) {
      json += '[';
    }
    append_json_value(json, field.name);
    json += pairs ? ',' : ':';
    json += field.value;
    if (pairs) {
      json += ']';
    }
  }
  json += end;
  Fields all = Fields::from_json(std::move(json));
  // Damaged text would hide the fields that were appended to it.
  const auto read = all.pairs();
  const bool whole = more.empty() || (read.size() >= more.size() && read.back().name == more.back().name);
  return whole ? all : with_fields(Fields::from_pairs(fields.pairs()), more);
}

Fields without_last(const Fields& fields, std::size_t count) {
  if (count == 0) {
    return fields;
  }
  const std::string& json = fields.json();
  const auto at = separators(json);
  if (json.empty() || count > at.size()) {
    return Fields();
  }
  const std::size_t kept = at.size() + 1 - count;
  std::string text = json.substr(0, at[kept - 1]);
  text += json.back();
  return Fields::from_json(std::move(text));
}

}  // namespace weir
