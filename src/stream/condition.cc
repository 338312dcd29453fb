#include "stream/condition.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <vector>

namespace weir {

/// A compiled regular expression. It matches bytes, since the program keeps to the locale C: values need not be text.
class Condition::Pattern {
 public:
  Pattern() = default;
  ~Pattern() {
    if (compiled_) {
      ::regfree(&regex_);
    }
  }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// Returns what is wrong with `text`; empty: nothing is.
  std::string compile(const std::string& text) {
    // Such expressions can keep a matcher busy for ever, or take all memory.
    constexpr std::size_t kLongest = 1000;
    if (text.size() > kLongest) {
      return "it is longer than " + std::to_string(kLongest) + " bytes";
    }
    if (has_back_reference(text)) {
      return "a back-reference such as \\1 is not supported";
    }
    if (repeats_too_much(text)) {
      return "its {} and + repeat too much";
    }
    const int error = ::regcomp(&regex_, text.c_str(), REG_EXTENDED | REG_NOSUB);
    if (error != 0) {
      std::array<char, 200> words{};
      ::regerror(error, &regex_, words.data(), words.size());
      return words.data();
    }
    compiled_ = true;
    return "";
  }

  bool fits(std::string_view value) const {
#ifdef REG_STARTEND
    regmatch_t all{};
    all.rm_eo = static_cast<regoff_t>(value.size());
    const int result = ::regexec(&regex_, value.data(), 1, &all, REG_STARTEND);
#else
    const int result = ::regexec(&regex_, std::string(value).c_str(), 0, nullptr, 0);  // ends at a NUL
#endif
    if (result != 0 && result != REG_NOMATCH) {
      throw std::bad_alloc();  // memory is all that a compiled expression can lack
    }
    return result == 0;
  }

 private:
  static bool has_back_reference(std::string_view text) {
    for (std::size_t at = text.find('\\'); at < text.size() - 1; at = text.find('\\', at + 2)) {
      if (text[at + 1] >= '1' && text[at + 1] <= '9') {
        return true;
      }
    }
    return false;
  }

  /// The C library expands what {} and + repeat, so nested repetitions multiply the memory that an expression takes.
  static bool repeats_too_much(std::string_view text) {
    constexpr std::uint64_t kMost = 1'000;
    struct Part {
      std::uint64_t before = 0;  ///< characters when expanded
      std::uint64_t last = 0;    ///< the same, of the character or group that a repetition here would repeat
    };
    std::vector<Part> parts(1);
    const auto one_more = [&] {
      parts.back().before += parts.back().last;
      parts.back().last = 1;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
      Part& part = parts.back();
      if (text[at] == '\\') {
        ++at;
        one_more();
      } else if (text[at] == '[') {
        at = end_of_bracket(text, at);
        one_more();
      } else if (text[at] == '(') {
        parts.emplace_back();
      } else if (text[at] == ')' && parts.size() > 1) {
        const std::uint64_t size = part.before + part.last;
        parts.pop_back();
        one_more();
        parts.back().last = std::max<std::uint64_t>(size, 1);
      } else if (text[at] == '+') {
        part.last *= 2;
      } else if (text[at] == '{') {
        part.last *= highest_in_braces(text, at, kMost + 1);
      } else if (text[at] != '*' && text[at] != '?') {
        one_more();
      }
      if (parts.back().before + parts.back().last > kMost) {
        return true;
      }
    }
    std::uint64_t open = 0;
    for (const Part& part : parts) {
      open += part.before + part.last;
    }
    return open > kMost;
  }

  /// Moves `at` to the closing brace.
  static std::uint64_t highest_in_braces(std::string_view text, std::size_t& at, std::uint64_t most) {
    std::uint64_t highest = 1;
    std::uint64_t number = 0;
    for (++at; at < text.size() && text[at] != '}'; ++at) {
      const bool digit = text[at] >= '0' && text[at] <= '9';
      number = digit ? std::min(number * 10 + static_cast<std::uint64_t>(text[at] - '0'), most) : 0;
      highest = std::max(highest, number);
    }
    return highest;
  }

  /// The first character of a bracket expression may be `]`, and classes have brackets of their own.
  static std::size_t end_of_bracket(std::string_view text, std::size_t at) {
    at += at + 1 < text.size() && text[at + 1] == '^' ? 2 : 1;
    if (at < text.size() && text[at] == ']') {
      ++at;
    }
    for (; at < text.size() && text[at] != ']'; ++at) {
      if (text[at] == '[' && at + 1 < text.size() &&
          std::string_view(":.=").find(text[at + 1]) != std::string_view::npos) {
        const std::size_t end = text.find(std::string{text[at + 1], ']'}, at + 2);
        at = end == std::string_view::npos ? text.size() - 1 : end + 1;
      }
    }
    return at;
  }

  regex_t regex_{};
  bool compiled_ = false;
};

Result<Condition> Condition::parse(std::string_view text) {
  const std::size_t at = text.find_first_of("=~");
  const bool negated = at != std::string_view::npos && at > 0 && text[at - 1] == '!';
  const std::size_t end = negated ? at - 1 : at;
  if (at == std::string_view::npos || end == 0) {
    return fail(Failure::usage, "write FIELD=VALUE, FIELD!=VALUE, or with a regular expression FIELD~REGEX");
  }
  Condition condition;
  condition.name_ = text.substr(0, end);
  condition.value_ = text.substr(at + 1);
  condition.negated_ = negated;
  if (text[at] == '~') {
    auto pattern = std::make_shared<Pattern>();
    if (const std::string wrong = pattern->compile(condition.value_); !wrong.empty()) {
      return fail(Failure::usage, "the regular expression is wrong: " + wrong);
    }
    condition.pattern_ = std::move(pattern);
  }
  return condition;
}

bool Condition::fits(std::string_view value) const {
  return pattern_ ? pattern_->fits(value) : value == value_;
}

bool Condition::holds(const Fields& fields) const {
  bool fitting = false;
  fields.each(
      [&](std::string_view name, std::string_view value) { fitting = fitting || (name == name_ && fits(value)); });
  return fitting != negated_;
}

bool all_hold(std::span<const Condition> conditions, const Fields& fields) {
  return std::ranges::all_of(conditions, [&](const Condition& condition) { return condition.holds(fields); });
}

}  // namespace weir
