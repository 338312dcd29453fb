// Figures that an append does not write, and that each look counts: see sqlite/database/uncounted.h.
#include <sqlite3.h>

#include <filesystem>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

struct File {
  TempDir folder;
  std::string path = folder.path("w.db");

  std::unique_ptr<Store> open() const {
    auto store = sqlite::open_sqlite_store(path, StoreOptions{Access::make, Durability::full});
    REQUIRE(store);
    return std::move(*store);
  }
  /// As another program: one value, as text.
  std::string ask(const std::string& sql) const {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    std::string value;
    const auto take = [](void* out, int, char** values, char**) {
      *static_cast<std::string*>(out) = values[0] != nullptr ? values[0] : "NULL";
      return 0;
    };
    CHECK(sqlite3_exec(db, sql.c_str(), take, &value, nullptr) == SQLITE_OK);
    sqlite3_close(db);
    return value;
  }
};

Xadd at(std::uint64_t ms) {
  Xadd add = message();
  add.id = {NewId::Kind::exact, {ms, 0}};
  return add;
}

}  // namespace

TEST_CASE("An append writes one page to the log") {
  const File file;
  const auto store = file.open();
  REQUIRE(store->run(message()));
  const auto before = std::filesystem::file_size(file.path + "-wal");
  REQUIRE(store->run(message()));
  CHECK(std::filesystem::file_size(file.path + "-wal") - before == 4096 + 24);
}

TEST_CASE("What the row of a stream does not count yet, everybody does who finds the stream") {
  const File file;
  for (const std::uint64_t ms : {1, 2, 3}) {
    REQUIRE(file.open()->run(at(ms)));
  }
  REQUIRE(file.ask("SELECT length FROM weir_streams") == "0");
  const auto store = file.open();
  SECTION("in every process") {
    CHECK(store->run(Xlen{"s"})->value == 3);
    CHECK(store->run(XinfoStream{"s"})->entries_added == 3);
    CHECK(store->run(XinfoStream{"s"})->last_generated_id == Id{3, 0});
    CHECK_FALSE(store->run(at(3)));
  }
  SECTION("by the name that it is given") {
    REQUIRE(store->run(Rename{"s", "t"}));
    CHECK(store->run(Xlen{"t"})->value == 3);
  }
  SECTION("before its last entry is deleted, whose ID is not given again") {
    REQUIRE(store->run(Xdel{"s", {{3, 0}}}));
    CHECK(file.ask("SELECT length || ' ' || added || ' ' || last_ms FROM weir_streams") == "2 3 3");
    CHECK_FALSE(store->run(at(3)));
  }
  SECTION("in the inbox") {
    file.ask("INSERT INTO weir_inbox VALUES ('s', '{\"a\":1}')");
    CHECK(file.ask("SELECT length || ' ' || added FROM weir_streams") == "4 4");
    CHECK(store->run(Xlen{"s"})->value == 4);
  }
  SECTION("and is gone with it") {
    REQUIRE(store->run(Del{{"s"}}));
    REQUIRE(store->run(at(1)));
    CHECK(store->run(Xlen{"s"})->value == 1);
  }
}

TEST_CASE("An entry that is not counted and does not come after the last that is, is damage") {
  const File file;
  REQUIRE(file.open()->run(at(5)));
  file.ask("UPDATE weir_streams SET last_ms = 7");
  const auto length = file.open()->run(Xlen{"s"});
  REQUIRE_FALSE(length);
  CHECK(length.error().message.find("5-0 stands after 7-0") != std::string::npos);
}

}  // namespace weir::test
