// Shared by the plain SQLite programs, which do what anybody would write, and check that it worked.
#pragma once

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

inline void check(sqlite3* db, int code) {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    std::exit(1);
  }
}

inline void execute(sqlite3* db, const char* sql) {
  check(db, sqlite3_exec(db, sql, nullptr, nullptr, nullptr));
}

inline sqlite3* open_plain(const char* path) {
  sqlite3* db = nullptr;
  check(db, sqlite3_open(path, &db));
  sqlite3_busy_timeout(db, 30'000);
  execute(db, "PRAGMA journal_mode = WAL");
  execute(db, "PRAGMA synchronous = FULL");
  execute(db, "CREATE TABLE IF NOT EXISTS plain(id INTEGER PRIMARY KEY, line TEXT)");
  return db;
}

inline sqlite3_stmt* prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  check(db, sqlite3_prepare_v2(db, sql, -1, &statement, nullptr));
  return statement;
}
