// The log that weir's way of writing leaves is one that SQLite itself reads as what was committed.
#include "sqlite/database/log_writing.h"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "catch.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

Handle open(const std::string& path, const char* vfs) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
  Handle handle(db);
  REQUIRE(code == SQLITE_OK);
  return handle;
}

void run(const Handle& db, const std::string& sql) {
  INFO(sql);
  REQUIRE(sqlite3_exec(db.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

std::string answer(const Handle& db, const std::string& sql) {
  std::string text;
  const auto add = [](void* out, int count, char** values, char**) {
    for (int i = 0; i < count; ++i) {
      *static_cast<std::string*>(out) += values[i] != nullptr ? values[i] : "null";
      *static_cast<std::string*>(out) += ' ';
    }
    return 0;
  };
  INFO(sql);
  REQUIRE(sqlite3_exec(db.get(), sql.c_str(), add, &text, nullptr) == SQLITE_OK);
  return text;
}

sqlite3_file* log_of(const Handle& db) {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(db.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  return log;
}

constexpr const char* kContent = "SELECT count(*), total(n), total(length(text)), total(unicode(text)) FROM t";

/// What SQLite by itself finds after a crash at this moment.
std::string after_a_crash(const TempDir& folder) {
  for (const char* end : {"", "-wal"}) {
    std::filesystem::copy_file(folder.path("db") + end, folder.path("crashed") + end,
                               std::filesystem::copy_options::overwrite_existing);
  }
  std::filesystem::remove(folder.path("crashed-shm"));
  const Handle db = open(folder.path("crashed"), nullptr);
  run(db, "PRAGMA synchronous = OFF");
  REQUIRE(answer(db, "PRAGMA integrity_check") == "ok ");
  return answer(db, kContent);
}

/// A transaction that writes some of its frames before it commits, and comes back to them. Without savepoints: SQLite
/// 3.40 itself writes a log that ends too early where one was undone after that.
void change_much(const Handle& db, std::minstd_rand& random) {
  const auto one_of = [&](std::uint64_t count) { return std::to_string(random() % count); };
  for (auto steps = 1 + random() % 30; steps > 0; --steps) {
    switch (random() % 6) {
      case 0:
        run(db, "DELETE FROM t WHERE n % 17 = " + one_of(17));
        break;
      case 1:
        run(db, "UPDATE t SET text = char(65 + " + one_of(26) + ") || substr(text, 2)");
        break;
      default:
        run(db,
            "INSERT INTO t(n, text) VALUES (abs(random() % 1000), printf('%.*c', " + one_of(3000) + ", 'y') || 'z')");
    }
  }
}

}  // namespace

TEST_CASE("What was committed is what SQLite finds after a crash, whatever was written before it", "[log_writing]") {
  const bool told = GENERATE(true, false);  // that a transaction begins
  const TempDir folder;
  const Handle db = open(folder.path("db"), sqlite::log_writing_vfs());
  run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
  run(db, "CREATE TABLE t(n INTEGER, text TEXT); CREATE INDEX t_by_n ON t(n)");
  run(db, "PRAGMA cache_size = 3");
  std::minstd_rand random(11);
  for (int i = 0; i < 60; ++i) {
    run(db, "BEGIN IMMEDIATE");
    if (told) {
      sqlite::begin_log_writing(log_of(db));
    }
    sqlite::let_disk_begin(log_of(db), i % 2 == 0);
    change_much(db, random);
    run(db, random() % 5 == 0 ? "ROLLBACK" : "COMMIT");
    const std::string found = after_a_crash(folder);  // before anything is read from the log
    REQUIRE(found == answer(db, kContent));
    if (i % 20 == 19) {
      run(db, "PRAGMA wal_checkpoint(RESTART)");
    }
  }
}

TEST_CASE("Two that write in turns leave a log that SQLite reads", "[log_writing]") {
  const TempDir folder;
  const Handle ours = open(folder.path("db"), sqlite::log_writing_vfs());
  run(ours,
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t(n INTEGER, text TEXT); PRAGMA cache_size "
      "= 3");
  const Handle theirs = open(folder.path("db"), nullptr);
  run(theirs, "PRAGMA cache_size = 3; PRAGMA synchronous = NORMAL");
  std::minstd_rand random(12);
  for (int i = 0; i < 60; ++i) {
    const Handle& db = random() % 2 == 0 ? ours : theirs;
    run(db, "BEGIN IMMEDIATE");
    sqlite::begin_log_writing(log_of(db));
    change_much(db, random);
    run(db, random() % 5 == 0 ? "ROLLBACK" : "COMMIT");
    const std::string found = after_a_crash(folder);
    REQUIRE(found == answer(ours, kContent));
    REQUIRE(answer(theirs, kContent) == answer(ours, kContent));
    if (random() % 15 == 0) {
      run(db, "PRAGMA wal_checkpoint(RESTART)");
    }
  }
}

TEST_CASE("A commit does not wait for what has taken the log's name", "[log_writing]") {
  const TempDir folder;
  const Handle db = open(folder.path("db"), sqlite::log_writing_vfs());
  run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t(n INTEGER, text TEXT)");
  std::filesystem::remove(folder.path("db-wal"));
  REQUIRE(mkfifo(folder.path("db-wal").c_str(), 0600) == 0);
  sqlite::let_disk_begin(log_of(db), true);
  run(db, "INSERT INTO t VALUES (1, 'x')");
  CHECK(answer(db, "SELECT count(*) FROM t") == "1 ");
}

}  // namespace weir::test
