// Prints all rows that plain_append inserted, with their number.
#include <string_view>

#include "plain.h"

int main(int, char** argv) {
  sqlite3* db = open_plain(argv[1]);
  sqlite3_stmt* select = prepare(db, "SELECT id, line FROM plain");
  while (sqlite3_step(select) == SQLITE_ROW) {
    std::printf("%lld %s\n", static_cast<long long>(sqlite3_column_int64(select, 0)),
                reinterpret_cast<const char*>(sqlite3_column_text(select, 1)));
  }
  sqlite3_finalize(select);
  sqlite3_close(db);
}
