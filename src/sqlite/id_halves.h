// The two halves of an ID in SQLite's values: see "Numbers" in schema.h.
#pragma once

#include <sqlite3.h>

#include <cstdint>

namespace weir::sqlite {

void bind_half(sqlite3_stmt* statement, int index, std::uint64_t value);
void result_half(sqlite3_context* context, std::uint64_t value);
std::uint64_t column_half(sqlite3_stmt* statement, int column);

}  // namespace weir::sqlite
