// From a log that weir has written, SQLite itself reads what was committed.
#include "sqlite/database/log_writing.h"
#include "sqlite/database/file_system.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
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

using Disk = sqlite::GatheredCommit::Disk;

void commit(const Handle& db, Disk disk) {
  const sqlite::GatheredCommit gathered(log_of(db), disk);
  run(db, "COMMIT");
}

/// While it lives, files of this process grow by no more than so much beyond what this one has.
class FilesEndAt {
 public:
  FilesEndAt(const std::string& path, std::uintmax_t more) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = std::filesystem::file_size(path) + more;
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FilesEndAt() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FilesEndAt(const FilesEndAt&) = delete;
  FilesEndAt& operator=(const FilesEndAt&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

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
  const TempDir folder;
  const Handle db = open(folder.path("db"), sqlite::file_system());
  run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
  run(db, "CREATE TABLE t(n INTEGER, text TEXT); CREATE INDEX t_by_n ON t(n)");
  const int pages_kept = GENERATE(3, 2000);  // with few a transaction writes before its commit
  run(db, "PRAGMA cache_size = " + std::to_string(pages_kept));
  std::minstd_rand random(11);
  for (int i = 0; i < 60; ++i) {
    run(db, "BEGIN IMMEDIATE");
    change_much(db, random);
    if (random() % 5 == 0) {
      run(db, "ROLLBACK");
    } else {
      commit(db, i % 2 == 0 ? Disk::begins : Disk::waits);
    }
    const std::string found = after_a_crash(folder);  // before anything is read from the log
    REQUIRE(found == answer(db, kContent));
    if (i % 20 == 19) {
      run(db, "PRAGMA wal_checkpoint(RESTART)");
    }
  }
}

TEST_CASE("Two that write in turns leave a log that SQLite reads", "[log_writing]") {
  const TempDir folder;
  const Handle ours = open(folder.path("db"), sqlite::file_system());
  run(ours,
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t(n INTEGER, text TEXT); PRAGMA cache_size "
      "= 3");
  const Handle theirs = open(folder.path("db"), nullptr);
  run(theirs, "PRAGMA cache_size = 3; PRAGMA synchronous = NORMAL");
  std::minstd_rand random(12);
  for (int i = 0; i < 60; ++i) {
    const Handle& db = random() % 2 == 0 ? ours : theirs;
    run(db, "BEGIN IMMEDIATE");
    change_much(db, random);
    if (random() % 5 == 0) {
      run(db, "ROLLBACK");
    } else {
      commit(db, Disk::waits);
    }
    const std::string found = after_a_crash(folder);
    REQUIRE(found == answer(ours, kContent));
    REQUIRE(answer(theirs, kContent) == answer(ours, kContent));
    if (random() % 15 == 0) {
      run(db, "PRAGMA wal_checkpoint(RESTART)");
    }
  }
}

TEST_CASE("Of a commit that failed nothing reaches the log when others have written there", "[log_writing]") {
  const TempDir folder;
  const Handle ours = open(folder.path("db"), sqlite::file_system());
  run(ours, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t(n INTEGER, text TEXT)");
  const Handle theirs = open(folder.path("db"), nullptr);
  const int pages = GENERATE(1, 30);  // at once, or some before it fails
  run(ours, "BEGIN IMMEDIATE");
  run(ours,
      "INSERT INTO t SELECT 1, printf('%.*c', 3500, 'y') FROM (WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + "
      "1 FROM n WHERE i < " +
          std::to_string(pages) + ") SELECT i FROM n)");
  {
    const FilesEndAt limit(folder.path("db-wal"), 2000);
    const sqlite::GatheredCommit gathered(log_of(ours), Disk::waits);
    REQUIRE(sqlite3_exec(ours.get(), "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK);
  }
  sqlite3_exec(ours.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  run(theirs, "INSERT INTO t VALUES (2, 'theirs')");
  const std::string content = answer(ours, kContent);
  CHECK(content == "1 2.0 6.0 116.0 ");
  CHECK(after_a_crash(folder) == content);
  run(ours, "BEGIN IMMEDIATE; INSERT INTO t VALUES (3, 'ours')");
  commit(ours, Disk::begins);
  CHECK(after_a_crash(folder) == answer(theirs, kContent));
}

TEST_CASE("A commit does not wait for what has taken the log's name", "[log_writing]") {
  const TempDir folder;
  const Handle db = open(folder.path("db"), sqlite::file_system());
  run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t(n INTEGER, text TEXT)");
  std::filesystem::remove(folder.path("db-wal"));
  REQUIRE(mkfifo(folder.path("db-wal").c_str(), 0600) == 0);
  run(db, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1, 'x')");
  commit(db, Disk::begins);
  CHECK(answer(db, "SELECT count(*) FROM t") == "1 ");
}

}  // namespace weir::test
