#include "worker/process/command_names.h"

#include <algorithm>
#include <array>

namespace weir::worker {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kStarts = ";&|(\n!";

bool is_one_of(std::string_view characters, char c) {
  return characters.find(c) != std::string_view::npos;
}

/// Whether a command follows this word.
bool goes_on(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kWords = {"exec", "command", "nohup", "if", "then", "elif",
                                                              "else", "while",   "until", "do", "{",    "{{"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::size_t count_at(std::string_view text, std::size_t at, char c) {
  return std::min(text.size(), text.find_first_not_of(c, at)) - at;
}

/// The size of a word that is nothing but one value; 0: the text begins with no such word.
std::size_t size_of_value(std::string_view text) {
  const std::size_t quotes = text.starts_with('"') ? 1 : 0;
  if (text.substr(quotes, 1) != "$") {
    return 0;
  }
  const std::size_t braces = count_at(text, quotes + 1, '{');
  std::size_t at = quotes + 1 + braces;
  if (text.substr(at).starts_with("WEIR_FIELD_")) {
    const auto is_of_name = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    while (at < text.size() && is_of_name(text[at])) {
      ++at;
    }
  } else if (at < text.size() && is_one_of("0123456789@*", text[at])) {
    ++at;
  } else {
    return 0;
  }
  if (count_at(text, at, '}') != braces || text.substr(at + braces, quotes) != text.substr(0, quotes)) {
    return 0;
  }
  at += braces + quotes;
  return at >= text.size() || is_one_of(" \t;&|)\n", text[at]) ? at : 0;
}

}  // namespace

std::vector<std::string_view> values_as_commands(std::string_view script) {
  std::vector<std::string_view> found;
  char quote = '\0';
  bool starts = true;
  for (std::size_t at = 0; at < script.size();) {
    const char c = script[at];
    if (quote != '\0') {
      at += c == '\\' && quote == '"' ? 2 : 1;
      quote = c == quote ? '\0' : quote;
    } else if (is_one_of(kBlanks, c)) {
      ++at;
    } else if (is_one_of(kStarts, c)) {
      starts = true;
      ++at;
    } else if (const std::size_t size = starts ? size_of_value(script.substr(at)) : 0; size > 0) {
      found.push_back(script.substr(at, size));
      starts = false;
      at += size;
    } else if (c == '"' || c == '\'') {
      quote = c;
      starts = false;
      ++at;
    } else {
      const std::size_t end = std::min(script.size(), script.find_first_of(" \t;&|(\n\"'", at + 1));
      starts = starts && goes_on(script.substr(at, end - at));
      at = end;
    }
  }
  return found;
}

}  // namespace weir::worker
