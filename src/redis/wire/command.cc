#include "redis/wire/command.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "text/numbers.h"

namespace weir::redis {

void WireCommand::reset(std::string_view name, CommandKind kind) {
  kind_ = kind;
  count_ = 0;
  body_.clear();
  keys_.clear();
  add(name);
}

WireCommand& WireCommand::add(std::string_view bytes) {
  constexpr std::size_t kLongest = 24;
  std::array<char, kLongest> head{'$'};
  char* end = std::to_chars(head.data() + 1, head.data() + kLongest - 2, bytes.size()).ptr;
  *end++ = '\r';
  *end++ = '\n';
  body_.append(head.data(), end).append(bytes).append("\r\n", 2);
  ++count_;
  return *this;
}

WireCommand& WireCommand::add(std::uint64_t number) {
  char digits[24];
  const char* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return add(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

WireCommand& WireCommand::add_signed(std::uint64_t number) {
  return add(std::min<std::uint64_t>(number, INT64_MAX));
}

WireCommand& WireCommand::add(Id id) {
  char text[41];
  const char* end = format_id(id, text);
  return add(std::string_view(text, static_cast<std::size_t>(end - text)));
}

WireCommand& WireCommand::add_key(const std::string& key) {
  keys_.push_back(key);
  return add(std::string_view(key));
}

WireCommand& WireCommand::add_all(const WireCommand& other) {
  body_.append(other.body_);
  count_ += other.count_;
  return *this;
}

void WireCommand::append_to(std::string& out) const {
  out.push_back('*');
  append_number(out, count_);
  out.append("\r\n");
  out.append(body_);
}

}  // namespace weir::redis
