// Delivers and acknowledges all rows of plain_append, 1,000 at a time, in raw SQL.
#include <chrono>
#include <vector>

#include "plain.h"

int main(int, char** argv) {
  sqlite3* db = open_plain(argv[1]);
  execute(db, "CREATE TABLE held(id INTEGER PRIMARY KEY, consumer TEXT, delivered INTEGER, deliveries INTEGER)");
  sqlite3_stmt* select = prepare(db, "SELECT id, line FROM plain WHERE id > ? ORDER BY id LIMIT 1000");
  sqlite3_stmt* hold = prepare(db, "INSERT INTO held VALUES (?, 'c', unixepoch(), 1)");
  sqlite3_stmt* release = prepare(db, "DELETE FROM held WHERE id = ?");
  sqlite3_int64 last = 0;
  std::vector<sqlite3_int64> ids;
  std::size_t total = 0;
  const auto start = std::chrono::steady_clock::now();
  do {
    ids.clear();
    execute(db, "BEGIN IMMEDIATE");
    sqlite3_bind_int64(select, 1, last);
    while (sqlite3_step(select) == SQLITE_ROW) {
      last = sqlite3_column_int64(select, 0);
      ids.push_back(last);
      sqlite3_bind_int64(hold, 1, last);
      check(db, sqlite3_step(hold));
      sqlite3_reset(hold);
    }
    sqlite3_reset(select);
    execute(db, "COMMIT");
    execute(db, "BEGIN IMMEDIATE");
    for (const auto id : ids) {
      sqlite3_bind_int64(release, 1, id);
      check(db, sqlite3_step(release));
      sqlite3_reset(release);
    }
    execute(db, "COMMIT");
    total += ids.size();
  } while (!ids.empty());
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  std::printf("%.0f\n", static_cast<double>(total) / time.count());
  for (sqlite3_stmt* statement : {select, hold, release}) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(db);
}
