// Many processes open, at the same moment, a database that does not exist yet or is not weir's yet.
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

constexpr int kProcesses = 24;
constexpr int kRounds = 12;

/// Holds processes back until all are there.
class Gate {
 public:
  Gate() {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    wait_.reset(ends[0]);
    open_.reset(ends[1]);
  }
  /// In a child: returns when the gate opens.
  void pass() {
    open_.reset();
    char byte = 0;
    (void)!read(wait_.get(), &byte, 1);
  }
  void open() { open_.reset(); }

 private:
  Fd wait_;
  Fd open_;
};

std::string add_one(const std::string& path) {
  const auto store = open_sqlite_store(path, StoreOptions{Access::make, Durability::normal});
  if (!store) {
    return store.error().message;
  }
  Xadd add;
  add.stream = "s";
  add.fields = Fields::from_json("{\"a\":1}");
  const auto id = (*store)->run(add);
  return id ? "stored" : id.error().message;
}

/// What a reader is told: "fine" wherever that is true at some moment of the creation.
std::string look(const std::string& path) {
  const auto store = open_sqlite_store(path, StoreOptions{Access::look});
  if (!store) {
    const std::string& message = store.error().message;
    const bool before = message.starts_with(path + ": there is no such database") ||  // which may go on with the folder
                        message == path + ": holds no streams";
    return before ? "fine" : message;
  }
  const auto length = (*store)->run(Xlen{"s"});
  return length ? "fine" : length.error().message;
}

/// Every one of the processes that meet at `path` adds a message; as many `readers` look meanwhile.
void meet(const std::string& path, int readers) {
  Gate gate;
  std::vector<Child> children;
  for (int i = 0; i < kProcesses; ++i) {
    const bool reads = i < readers;
    children.emplace_back([&gate, &path, reads](int out) {
      gate.pass();
      say(out, reads ? look(path) : add_one(path));
    });
  }
  gate.open();
  int stored = 0;
  for (int i = 0; i < kProcesses; ++i) {
    const std::string told = children[static_cast<std::size_t>(i)].line().value_or("nothing");
    CHECK(told == (i < readers ? "fine" : "stored"));
    stored += told == "stored" ? 1 : 0;
  }
  const auto store = open_sqlite_store(path, StoreOptions{Access::look});
  REQUIRE(store);
  CHECK((*store)->run(Xlen{"s"})->value == static_cast<std::uint64_t>(stored));
}

/// An application's own database, in SQLite's usual journal mode.
void make_application(const std::string& path) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, "PRAGMA journal_mode = DELETE; CREATE TABLE users(name); INSERT INTO users VALUES ('eve')",
                     nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace

TEST_CASE("Many processes that meet a new database at once all find it ready", "[creation]") {
  for (int round = 0; round < kRounds; ++round) {
    const TempDir folder;
    meet(folder.path("made/by/all/w.db"), 0);
  }
}

TEST_CASE("Readers that come while a database is made see none, or a whole one", "[creation]") {
  for (int round = 0; round < kRounds; ++round) {
    const TempDir folder;
    meet(folder.path("w.db"), kProcesses / 2);
  }
}

TEST_CASE("Many processes that meet an application's database at once all find it ready", "[creation]") {
  for (int round = 0; round < kRounds; ++round) {
    const TempDir folder;
    make_application(folder.path("w.db"));
    meet(folder.path("w.db"), kProcesses / 3);
  }
}

}  // namespace weir::test
