// Inserts the lines of standard input as rows, unparsed, in transactions of 10,000.
#include <iostream>
#include <string>

#include "plain.h"

int main(int, char** argv) {
  std::ios::sync_with_stdio(false);
  sqlite3* db = open_plain(argv[1]);
  sqlite3_stmt* insert = prepare(db, "INSERT INTO plain(line) VALUES (?)");
  constexpr int kPerTransaction = 10'000;
  std::string line;
  int in_transaction = 0;
  while (std::getline(std::cin, line)) {
    if (in_transaction == 0) {
      execute(db, "BEGIN IMMEDIATE");
    }
    sqlite3_bind_text(insert, 1, line.data(), static_cast<int>(line.size()), SQLITE_STATIC);
    check(db, sqlite3_step(insert));
    sqlite3_reset(insert);
    if (++in_transaction == kPerTransaction) {
      execute(db, "COMMIT");
      in_transaction = 0;
    }
  }
  if (in_transaction != 0) {
    execute(db, "COMMIT");
  }
  sqlite3_finalize(insert);
  sqlite3_close(db);
}
