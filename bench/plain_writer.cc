// Inserts each line of standard input in a durable transaction of its own and prints the row's number.
// Writers wait for each other in SQLite's own way: sqlite3_busy_timeout.
#include <iostream>
#include <string>

#include "plain.h"

int main(int, char** argv) {
  sqlite3* db = open_plain(argv[1]);
  sqlite3_stmt* insert = prepare(db, "INSERT INTO plain(line) VALUES (?)");
  std::string line;
  while (std::getline(std::cin, line)) {
    execute(db, "BEGIN IMMEDIATE");
    sqlite3_bind_text(insert, 1, line.data(), static_cast<int>(line.size()), SQLITE_STATIC);
    check(db, sqlite3_step(insert));
    sqlite3_reset(insert);
    execute(db, "COMMIT");
    std::cout << sqlite3_last_insert_rowid(db) << std::endl;
  }
  sqlite3_finalize(insert);
  sqlite3_close(db);
}
