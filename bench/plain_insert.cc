// The least program that stores one message durably: opens the database, inserts a row, prints its number. SQLite keeps
// the log at close.
#include "plain.h"

int main(int, char** argv) {
  sqlite3* db = nullptr;
  check(db, sqlite3_open(argv[1], &db));
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  int keep = 1;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  execute(db, "PRAGMA synchronous = FULL");
  sqlite3_stmt* insert = prepare(db, "INSERT INTO plain(line) VALUES (?)");
  sqlite3_bind_text(insert, 1, argv[2], -1, SQLITE_STATIC);
  check(db, sqlite3_step(insert));
  sqlite3_finalize(insert);
  std::printf("%lld\n", static_cast<long long>(sqlite3_last_insert_rowid(db)));
  sqlite3_close(db);
}
