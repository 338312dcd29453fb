#include "sqlite/database/id_halves.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace weir::sqlite {
namespace {

constexpr std::uint64_t kTextFrom = std::uint64_t{1} << 63U;
constexpr int kDigits = 20;

std::array<char, kDigits> as_text(std::uint64_t value) {
  std::array<char, kDigits> digits;
  digits.fill('0');
  std::array<char, kDigits> number;
  const auto* end = std::to_chars(number.begin(), number.end(), value).ptr;
  std::copy(number.cbegin(), end, digits.end() - (end - number.cbegin()));
  return digits;
}

/// 0 if `text` is no such number; `text` may be null.
std::uint64_t from_text(const unsigned char* text, int size) {
  const auto* begin = reinterpret_cast<const char*>(text);
  std::uint64_t value = 0;
  if (begin != nullptr) {
    std::from_chars(begin, begin + size, value);
  }
  return value;
}

}  // namespace

int bind_half(sqlite3_stmt* statement, int index, std::uint64_t value) {
  return value < kTextFrom ? sqlite3_bind_int64(statement, index, static_cast<std::int64_t>(value))
                           : sqlite3_bind_text(statement, index, as_text(value).data(), kDigits, SQLITE_TRANSIENT);
}

void result_half(sqlite3_context* context, std::uint64_t value) {
  if (value < kTextFrom) {
    sqlite3_result_int64(context, static_cast<std::int64_t>(value));
  } else {
    sqlite3_result_text(context, as_text(value).data(), kDigits, SQLITE_TRANSIENT);
  }
}

std::uint64_t column_half(sqlite3_stmt* statement, int column) {
  if (sqlite3_column_type(statement, column) == SQLITE_INTEGER) {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement, column));
  }
  const unsigned char* text = sqlite3_column_text(statement, column);
  return from_text(text, sqlite3_column_bytes(statement, column));
}

std::uint64_t value_half(sqlite3_value* value) {
  if (sqlite3_value_type(value) == SQLITE_INTEGER) {
    return static_cast<std::uint64_t>(sqlite3_value_int64(value));
  }
  const unsigned char* text = sqlite3_value_text(value);
  return from_text(text, sqlite3_value_bytes(value));
}

}  // namespace weir::sqlite
