// A stream's number is never used again, so that a reader notices that a stream was replaced by another.
#include <sqlite3.h>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "stream/sharing.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

struct File {
  File() {
    auto opened = sqlite::open_sqlite_store(path, StoreOptions{Access::make, Durability::full, Millis(2000)});
    REQUIRE(opened);
    store = std::move(*opened);
    REQUIRE(sqlite3_open(path.c_str(), &other_program) == SQLITE_OK);
  }
  ~File() { sqlite3_close(other_program); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void run_sql(const std::string& sql) {
    INFO(sql);
    REQUIRE(sqlite3_exec(other_program, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  void add(const std::string& stream) {
    Xadd request = message(stream);
    request.id = {NewId::Kind::exact, {1, 1}};
    REQUIRE(store->run(request));
  }
  /// 0: there is none of this name.
  int number_of(const std::string& stream) {
    sqlite3_stmt* query = nullptr;
    const std::string sql = "SELECT stream FROM weir_streams WHERE name = '" + stream + "'";
    REQUIRE(sqlite3_prepare_v2(other_program, sql.c_str(), -1, &query, nullptr) == SQLITE_OK);
    const int number = sqlite3_step(query) == SQLITE_ROW ? sqlite3_column_int(query, 0) : 0;
    sqlite3_finalize(query);
    return number;
  }
  std::string state_of(const std::string& stream) {
    const auto state = dynamic_cast<Sharing&>(*store).state_of(stream);
    REQUIRE(state);
    return *state;
  }

  TempDir folder;
  std::string path = folder.path("w.db");
  std::unique_ptr<Store> store;
  sqlite3* other_program = nullptr;
};

}  // namespace

TEST_CASE("A stream that is deleted and made again is another one, whoever deletes and makes it") {
  File file;
  file.add("first");
  file.add("s");
  const std::string before = file.state_of("s");
  SECTION("DEL") {
    REQUIRE(file.store->run(Del{{"s"}}));
    file.add("s");
  }
  SECTION("DEL, with those before it") {
    REQUIRE(file.store->run(Del{{"s", "first"}}));
    file.add("s");
  }
  SECTION("FLUSHALL") {
    REQUIRE(file.store->run(Flushall{}));
    file.add("s");
  }
  SECTION("RENAME onto it, and away") {
    REQUIRE(file.store->run(Rename{"first", "s"}));
    REQUIRE(file.store->run(Rename{"s", "first"}));
    file.add("s");
  }
  SECTION("in one transaction") {
    Xadd again = message("s");
    again.id = {NewId::Kind::exact, {1, 1}};
    REQUIRE(file.store->transact(std::vector<Request>{Del{{"s"}}, again}, Store::OnRefusal::undo));
  }
  SECTION("an application's INSERT") {
    REQUIRE(file.store->run(Del{{"s"}}));
    file.run_sql("INSERT INTO weir_inbox VALUES ('s', '{\"a\":1}'); UPDATE weir_streams SET last_ms = 1, last_seq = 1");
  }
  CHECK(file.number_of("s") > 2);
  CHECK(file.state_of("s") != before);
}

TEST_CASE("A number is not given again after others were deleted and made since") {
  File file;
  for (const char* stream : {"a", "b", "c"}) {
    file.add(stream);
  }
  REQUIRE(file.store->run(Del{{"c"}}));
  REQUIRE(file.store->run(Del{{"b"}}));
  file.add("d");
  CHECK(file.number_of("d") == 4);
  REQUIRE(file.store->run(Del{{"a"}}));
  REQUIRE(file.store->run(Del{{"d"}}));
  file.add("e");
  CHECK(file.number_of("e") == 5);
}

TEST_CASE("When all numbers have been given, and are given again, another stream is another one all the same") {
  File file;
  file.add("a");
  SECTION("the highest is there") {
    file.run_sql("INSERT INTO weir_streams(stream, name, tail) VALUES (2097150, 'last', 2097150 << 42)");
  }
  SECTION("it was deleted") {
    file.run_sql("INSERT INTO weir_meta VALUES ('last_stream', 2097150)");
  }
  for (int i = 0; i < 3; ++i) {
    file.add("s");
    CHECK(file.number_of("s") == 2);
    const std::string before = file.state_of("s");
    CHECK(file.state_of("s") == before);
    if (i < 2) {
      REQUIRE(file.store->run(Del{{"s"}}));
    } else {
      REQUIRE(file.store->run(Flushall{}));
      file.add("a");
    }
    file.add("s");
    CHECK(file.number_of("s") == 2);
    CHECK(file.state_of("s") != before);
    REQUIRE(file.store->run(Del{{"s"}}));
  }
}

TEST_CASE("The stream with the highest number is like any other") {
  File file;
  file.run_sql("INSERT INTO weir_streams(stream, name, tail) VALUES (2097149, 'before', 2097149 << 42)");
  SECTION("by XADD") {
    file.add("s");
    file.add("t");
  }
  SECTION("by an application's INSERT") {
    file.run_sql("INSERT INTO weir_inbox VALUES ('s', '{\"a\":1}'); INSERT INTO weir_inbox VALUES ('t', '{\"a\":1}')");
  }
  CHECK(file.number_of("s") == 2097150);
  CHECK(file.number_of("t") == 1);
  const auto found = file.store->run(Xrange{"s", kMinId, kMaxId, false, std::nullopt});
  REQUIRE(found);
  CHECK(found->entries.size() == 1);
  CHECK(file.store->run(Del{{"s"}})->value == 1);
}

TEST_CASE("A note of numbers that is none is passed over") {
  File file;
  file.add("a");
  const char* value = GENERATE("'x'", "-1", "0", "9223372036854775807", "1.5", "x'00'", "'9'");
  file.run_sql("INSERT INTO weir_meta VALUES ('last_stream', " + std::string(value) + ")");
  file.add("b");
  CHECK(file.number_of("b") == 2);
  REQUIRE(file.store->run(Del{{"b"}}));
  file.add("c");
  CHECK(file.number_of("c") == 3);
}

}  // namespace weir::test
