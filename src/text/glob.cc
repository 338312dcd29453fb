#include "text/glob.h"

#include <algorithm>

namespace weir {
namespace {

/// Matches one byte against the class that begins after `[`, and moves `at` behind its `]`. An unclosed class ends with
/// the pattern.
bool match_class(std::string_view pattern, std::size_t& at, char byte) {
  const bool negated = at < pattern.size() && pattern[at] == '^';
  at += negated ? 1 : 0;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      ++at;
      found = found || pattern[at] == byte;
    } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      // A list, because std::minmax of two temporaries would return dangling references.
      const auto [low, high] =
          std::minmax({static_cast<unsigned char>(pattern[at]), static_cast<unsigned char>(pattern[at + 2])});
      const auto value = static_cast<unsigned char>(byte);
      found = found || (low <= value && value <= high);
      at += 2;
    } else {
      found = found || pattern[at] == byte;
    }
    ++at;
  }
  at += at < pattern.size() ? 1 : 0;
  return found != negated;
}

/// Matches one byte of text against one element of the pattern other than `*`, and moves `at` behind that element.
bool match_one(std::string_view pattern, std::size_t& at, char byte) {
  const char element = pattern[at++];
  switch (element) {
    case '?':
      return true;
    case '[':
      return match_class(pattern, at, byte);
    case '\\':
      if (at < pattern.size()) {
        return pattern[at++] == byte;
      }
      return byte == '\\';
    default:
      return element == byte;
  }
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  // On a mismatch, the last star takes one more byte. So the time for each byte is linear in the pattern, without
  // recursion.
  std::size_t at = 0;
  std::size_t position = 0;
  std::size_t after_star = std::string_view::npos;
  std::size_t star_position = 0;
  while (position < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      after_star = ++at;
      star_position = position;
      continue;
    }
    if (at < pattern.size() && match_one(pattern, at, text[position])) {
      ++position;
      continue;
    }
    if (after_star == std::string_view::npos) {
      return false;
    }
    at = after_star;
    position = ++star_position;
  }
  while (at < pattern.size() && pattern[at] == '*') {
    ++at;
  }
  return at == pattern.size();
}

}  // namespace weir
