#include "stream/id.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "text/numbers.h"

namespace weir {

std::optional<Id> next_id(Id id) {
  if (id == kMaxId) {
    return std::nullopt;
  }
  return id.seq == kMaxPart ? Id{id.ms + 1, 0} : Id{id.ms, id.seq + 1};
}

std::optional<Id> previous_id(Id id) {
  if (id == kMinId) {
    return std::nullopt;
  }
  return id.seq == 0 ? Id{id.ms - 1, kMaxPart} : Id{id.ms, id.seq - 1};
}

std::optional<Id> generate_id(Id last, std::uint64_t now_ms) {
  if (now_ms > last.ms) {
    return Id{now_ms, 0};
  }
  return next_id(last);
}

std::optional<std::uint64_t> parse_part(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));  // as strtoull does
  const bool minus_zero = text.starts_with("-0") && text.find_first_not_of('0', 1) == std::string_view::npos;
  if (text.starts_with('+') || minus_zero) {  // as strtoull does
    text.remove_prefix(1);
  }
  return whole_number<std::uint64_t>(text);
}

std::optional<Id> parse_id(std::string_view text, std::uint64_t missing_seq) {
  constexpr std::size_t kLongest = 127;  // Redis's own limit
  if (text.size() > kLongest) {
    return std::nullopt;
  }
  const std::size_t dash = text.find('-');
  const auto ms = parse_part(text.substr(0, dash));
  if (!ms) {
    return std::nullopt;
  }
  if (dash == std::string_view::npos) {
    return Id{*ms, missing_seq};
  }
  const auto seq = parse_part(text.substr(dash + 1));
  if (!seq) {
    return std::nullopt;
  }
  return Id{*ms, *seq};
}

char* format_id(Id id, char* out) {
  constexpr std::size_t kDigits = 20;
  // IDs come in order and mostly share their millisecond with the one before.
  struct Last {
    std::uint64_t ms = 0;
    std::array<char, kDigits> digits{'0'};
    std::ptrdiff_t length = 1;
  };
  thread_local Last last;
  if (id.ms != last.ms) {
    last.ms = id.ms;
    last.length = std::to_chars(last.digits.begin(), last.digits.end(), id.ms).ptr - last.digits.begin();
  }
  std::copy_n(last.digits.begin(), kDigits, out);
  out += last.length;
  *out++ = '-';
  return std::to_chars(out, out + kDigits, id.seq).ptr;
}

std::string to_string(Id id) {
  char text[41];
  return {text, format_id(id, text)};
}

}  // namespace weir
