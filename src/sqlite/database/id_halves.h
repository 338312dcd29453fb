// The two halves of an ID in SQLite's values.
//
// The halves are unsigned 64-bit numbers, but SQLite's INTEGER is signed. A half below 2^63 is stored
// as INTEGER, from there on as TEXT of exactly 20 digits; SQLite sorts TEXT after INTEGER, so the order holds.
// (Subtracting 2^63 would need only one type, but make every ID unreadable in other SQLite clients.)
#pragma once

#include <sqlite3.h>

#include <cstdint>

namespace weir::sqlite {

/// Returns what sqlite3_bind_* does.
int bind_half(sqlite3_stmt* statement, int index, std::uint64_t value);
void result_half(sqlite3_context* context, std::uint64_t value);
std::uint64_t column_half(sqlite3_stmt* statement, int column);
std::uint64_t value_half(sqlite3_value* value);

}  // namespace weir::sqlite
