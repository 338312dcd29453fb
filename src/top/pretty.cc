#include "top/pretty.h"

#include <vector>

namespace weir::top {
namespace {

constexpr std::size_t kDeepest = 64;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The end of the string that begins at `from`; npos: the string has no end.
std::size_t end_of_string(std::string_view text, std::size_t from) {
  for (std::size_t at = from + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

void new_line(std::string& out, std::size_t depth) {
  out += '\n';
  out.append(2 * depth, ' ');
}

}  // namespace

// Looks only at brackets and strings; what is between them is shown unchanged.
std::optional<std::string> pretty_json(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  if (text.empty() || (text.front() != '{' && text.front() != '[')) {
    return std::nullopt;
  }
  std::string out;
  std::vector<char> open;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (is_space(c)) {
      ++at;
      continue;
    }
    if (c == '"') {
      const std::size_t end = end_of_string(text, at);
      if (end == std::string_view::npos) {
        return std::nullopt;
      }
      out += text.substr(at, end - at);
      at = end;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      open.push_back(c == '{' ? '}' : ']');
      if (open.size() > kDeepest) {
        return std::nullopt;
      }
      out += c;
      while (at < text.size() && is_space(text[at])) {
        ++at;
      }
      if (at < text.size() && text[at] != open.back()) {
        new_line(out, open.size());
      }
    } else if (c == '}' || c == ']') {
      if (open.empty() || open.back() != c) {
        return std::nullopt;
      }
      open.pop_back();
      if (out.back() != '{' && out.back() != '[') {
        new_line(out, open.size());
      }
      out += c;
      if (open.empty() && at < text.size()) {
        return std::nullopt;  // more text follows, so this is several lines of JSON, or no JSON
      }
    } else if (c == ',') {
      out += c;
      new_line(out, open.size());
    } else if (c == ':') {
      out += ": ";
    } else {
      out += c;
    }
  }
  return open.empty() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace weir::top
