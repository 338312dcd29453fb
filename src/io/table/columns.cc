#include "io/table/columns.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "io/table/table_time.h"
#include "stream/fields.h"
#include "stream/id.h"
#include "text/json_string.h"
#include "text/utf8.h"

namespace weir::io {
namespace {

constexpr std::string_view kFieldPrefix = "fields.";
constexpr std::string_view kBare = "value";

/// The end of the string that begins at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    at += text[at] == '\\' ? 1 : 0;
  }
  return std::min(at + 1, text.size());
}

/// The end of the value that begins at `at`. weir has written the text; a damaged value ends with the text.
std::size_t after_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (depth == 0 && (c == ',' || c == '}')) {
      return at;
    } else {
      depth -= c == '}' || c == ']' ? 1 : 0;
      ++at;
    }
    if (depth == 0 && (c == '"' || c == '}' || c == ']')) {
      return at;
    }
  }
  return at;
}

/// Calls `see` with the name of each member of an object (escapes as they are) and its value.
template <typename See>
void each_member(std::string_view object, See&& see) {
  std::size_t at = 1;
  while (at < object.size() && object[at] == '"') {
    const std::size_t colon = after_string(object, at);
    const std::size_t end = after_value(object, std::min(colon + 1, object.size()));
    if (colon >= object.size() || colon < at + 2) {
      return;
    }
    see(object.substr(at + 1, colon - at - 2), object.substr(colon + 1, end - colon - 1));
    at = end + 1;
  }
}

using Members = std::vector<std::pair<std::string_view, std::string_view>>;

std::optional<std::string_view> member(const Members& members, std::string_view name) {
  const auto found = std::ranges::find(members, name, &Members::value_type::first);
  return found == members.end() ? std::nullopt : std::optional(found->second);
}

bool is_object(std::string_view line) {
  return line.starts_with('{');
}

/// A value as text; nothing if it is null.
std::optional<std::string> text_of(std::string_view value) {
  if (value == "null") {
    return std::nullopt;
  }
  if (value.size() < 2 || value.front() != '"') {
    return std::string(value);
  }
  std::string text;
  append_unescaped(text, value.substr(1, value.size() - 2));
  return text;
}

/// A field that is wanted, and where to put its value.
struct Wanted {
  std::string_view name;
  std::optional<std::string>* cell;
};

/// Finds the wanted fields. If a name is repeated, the first one counts.
void find_fields(std::string_view fields, const std::vector<Wanted>& wanted) {
  if (wanted.empty() || fields == "null") {
    return;
  }
  Fields::from_json(std::string(fields)).each([&](std::string_view name, std::string_view value) {
    for (const Wanted& one : wanted) {
      if (one.name == name && !*one.cell) {
        one.cell->emplace();
        is_utf8(value) ? void((*one.cell)->append(value)) : append_json_value(**one.cell, value);
      }
    }
  });
}

std::optional<std::string> time_of_id(const std::optional<std::string_view>& id_text, bool utc) {
  const auto id = id_text ? parse_id(text_of(*id_text).value_or("")) : std::nullopt;
  const auto time = id ? time_of(*id) : std::nullopt;
  return time ? std::optional(timestamp(time->count(), utc)) : std::nullopt;
}

bool is_entrys_own(std::string_view name) {
  constexpr std::array<std::string_view, 4> kOwn{"id", "stream", "deliveries", "fields"};
  return std::ranges::find(kOwn, name) != kOwn.end();
}

void append_tsv(std::string& out, std::string_view text) {
  constexpr std::string_view kSpecial("\t\n\r\\\0", 5);
  constexpr std::string_view kLetters = "tnr\\0";
  for (const char c : text) {
    const std::size_t special = kSpecial.find(c);
    if (special == std::string_view::npos) {
      out.push_back(c);
    } else {
      out.push_back('\\');
      out.push_back(kLetters[special]);
    }
  }
}

void append_csv(std::string& out, std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos && text.front() != ' ' &&
      text.back() != ' ') {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    out.append(c == '"' ? 2 : 1, c);
  }
  out.push_back('"');
}

}  // namespace

std::optional<std::vector<std::string>> parse_names(std::string_view list) {
  std::vector<std::string> names(1);
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list[at] == ',') {
      names.emplace_back();
      continue;
    }
    const bool escaped = list[at] == '\\' && at + 1 < list.size() && (list[at + 1] == ',' || list[at + 1] == '\\');
    names.back().push_back(list[at + (escaped ? 1 : 0)]);
    at += escaped ? 1 : 0;
  }
  const bool empty = std::ranges::any_of(names, [](const std::string& name) { return name.empty(); });
  return empty ? std::nullopt : std::optional(std::move(names));
}

std::string timestamp(std::int64_t unix_ms, bool utc) {
  const UnixMs time(unix_ms);
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t seconds = second.count();
  std::tm parts{};
  utc ? ::gmtime_r(&seconds, &parts) : ::localtime_r(&seconds, &parts);
  std::array<char, 48> text{};
  std::string result(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts));
  const std::string millis = std::to_string(1000 + (time - second).count());
  result += "." + millis.substr(1);
  if (utc) {
    return result + "Z";
  }
  std::string zone(text.data(), std::strftime(text.data(), text.size(), "%z", &parts));
  constexpr std::size_t kSignAndHours = 3;
  return result + (zone.size() > kSignAndHours ? zone.insert(kSignAndHours, ":") : zone);
}

void Columns::append_cell(std::string& out, const Text& text) const {
  if (text) {
    style_.form == ColumnStyle::Form::tsv ? append_tsv(out, *text) : append_csv(out, *text);
  }
}

void Columns::append_row(std::string& out, const std::vector<Text>& cells) const {
  const std::size_t begin = out.size();
  for (const Text& cell : cells) {
    if (&cell != cells.data()) {
      out.push_back(style_.form == ColumnStyle::Form::tsv ? '\t' : ',');
    }
    append_cell(out, cell);
  }
  // An empty line would not count as a row.
  if (out.size() == begin && style_.form == ColumnStyle::Form::csv) {
    out.append("\"\"");
  }
  out.push_back('\n');
}

void Columns::begin(std::string& out, std::string_view line) {
  begun_ = true;
  if (names_.empty() && !is_object(line)) {
    names_.emplace_back(kBare);
  } else if (names_.empty()) {
    each_member(line,
                [this](std::string_view name, std::string_view) { append_unescaped(names_.emplace_back(), name); });
    if (!usual_.empty() && std::ranges::find(names_, usual_.front()) != names_.end()) {
      names_ = usual_;
    }
  }
  if (style_.header) {
    append_row(out, {names_.begin(), names_.end()});
  }
}

void Columns::add_line(std::string& out, std::string_view line) {
  if (!begun_) {
    begin(out, line);
  }
  std::vector<Text> cells(names_.size());
  if (!is_object(line)) {
    const auto bare = std::ranges::find(names_, kBare);
    if (bare != names_.end()) {
      cells[static_cast<std::size_t>(bare - names_.begin())] = text_of(line);
    }
    append_row(out, cells);
    return;
  }
  Members members;
  each_member(line, [&](std::string_view name, std::string_view value) { members.emplace_back(name, value); });
  const auto fields = member(members, "fields");
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::string_view name = names_[i];
    const auto own = member(members, name);
    if (fields && name.starts_with(kFieldPrefix)) {
      wanted.push_back({name.substr(kFieldPrefix.size()), &cells[i]});
    } else if (name == "time") {
      cells[i] = time_of_id(member(members, "id"), style_.utc);
    } else if (own) {
      cells[i] = text_of(*own);
    } else if (fields && !is_entrys_own(name)) {
      wanted.push_back({name, &cells[i]});
    }
  }
  if (fields) {
    find_fields(*fields, wanted);
  }
  append_row(out, cells);
}

void Columns::add(std::string& out, std::string_view lines) {
  each_line(lines, [&](std::string_view line) { add_line(out, line); });
}

void Columns::end(std::string& out, bool complete) {
  if (!begun_ && complete && given_) {
    begin(out, "");
  }
}

}  // namespace weir::io
