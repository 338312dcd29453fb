// The file as other programs see it: its version, its views, its inbox.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

/// Another program with the database open: answers one value as text, or the error.
class OtherProgram {
 public:
  explicit OtherProgram(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK); }
  ~OtherProgram() { sqlite3_close(db_); }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

  std::string ask(const std::string& sql) {
    std::string answer;
    const auto take = [](void* out, int count, char** values, char**) {
      auto& text = *static_cast<std::string*>(out);
      for (int i = 0; i < count; ++i) {
        text += (text.empty() ? "" : "|") + std::string(values[i] != nullptr ? values[i] : "NULL");
      }
      return 0;
    };
    char* error = nullptr;
    if (sqlite3_exec(db_, sql.c_str(), take, &answer, &error) != SQLITE_OK) {
      answer = error;
      sqlite3_free(error);
    }
    return answer;
  }

 private:
  sqlite3* db_ = nullptr;
};

struct File {
  TempDir folder;
  std::string path = folder.path("w.db");
  std::unique_ptr<Store> open(Access access = Access::make) {
    auto store = open_sqlite_store(path, StoreOptions{access, Durability::full, std::chrono::milliseconds(2000)});
    REQUIRE(store);
    return std::move(*store);
  }
  Error refusal(Access access = Access::make) {
    const auto store = open_sqlite_store(path, StoreOptions{access, Durability::full, std::chrono::milliseconds(2000)});
    REQUIRE_FALSE(store);
    return store.error();
  }
};

Xadd message(const std::string& stream, NewId id = {}) {
  Xadd add;
  add.stream = stream;
  add.id = id;
  add.fields = Fields::from_json("{\"a\":1.50}");
  return add;
}

std::vector<Entry> entries(Store& store, const std::string& stream) {
  return store.run(Xrange{stream, kMinId, kMaxId, false, std::nullopt})->entries;
}

}  // namespace

TEST_CASE("A new database and its lock file are private, and application_id is left alone") {
  File file;
  (void)file.open()->run(message("s"));
  for (const char* name : {"", "-lock"}) {
    struct stat status {};
    REQUIRE(stat((file.path + name).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
  }
  CHECK(OtherProgram(file.path).ask("PRAGMA application_id") == "0");
}

TEST_CASE("A database of a newer weir is refused, and not touched") {
  File file;
  file.open();
  OtherProgram(file.path).ask("UPDATE weir_meta SET value = 1000 WHERE key = 'version'");
  for (const Access access : {Access::make, Access::look}) {
    const Error error = file.refusal(access);
    CHECK(error.failure == Failure::store);
    CHECK(error.message == file.path + ": made by a newer weir (schema version 1000, this weir knows 2)");
  }
}

TEST_CASE("A schema without a version, or with one that never was, is said to be damaged and not newer") {
  File file;
  file.open();
  const auto& [done, said] = GENERATE(table<const char*, const char*>({
      {"DELETE FROM weir_meta", "the table weir_meta holds no schema version"},
      {"UPDATE weir_meta SET value = 0 WHERE key = 'version'",
       "the table weir_meta holds schema version 0, the first was 1"},
      {"DROP TABLE weir_meta", "has tables of weir, but no weir_meta"},
      {"DROP TABLE weir_keys", "weir_keys is missing, or is not the table that weir made"},
      {"DROP TABLE weir_groups", "weir_groups is missing, or is not the table that weir made"},
  }));
  OtherProgram(file.path).ask(done);
  for (const Access access : {Access::make, Access::look}) {
    const Error error = file.refusal(access);
    CHECK(error.failure == Failure::store);
    CHECK(error.message == file.path + ": " + said);
  }
}

TEST_CASE("A view or virtual table in the place of a table is refused, and not run") {
  File file;
  file.open();
  // Whoever asks this for a row that is not there waits for ever.
  const std::string for_ever = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) ";
  const auto replace = [&](const std::string& table, const std::string& by) {
    CHECK(OtherProgram(file.path).ask("DROP TABLE " + table + "; " + by).empty());
    for (const Access access : {Access::make, Access::look}) {
      const Error error = file.refusal(access);
      CHECK(error.failure == Failure::store);
      CHECK(error.message.find(table) != std::string::npos);
      CHECK(error.message.find("not the table that weir made") != std::string::npos);
    }
  };
  SECTION("streams") {
    replace("weir_streams", "CREATE VIEW weir_streams AS " + for_ever +
                                "SELECT n AS stream, 'x' AS name, 0 AS length, 0 AS added, 0 AS last_ms, 0 AS last_seq,"
                                " 0 AS deleted_ms, 0 AS deleted_seq, 0 AS tail, 0 AS renamed FROM r WHERE n < 0");
  }
  SECTION("the version") {
    replace("weir_meta",
            "CREATE VIEW weir_meta AS " + for_ever + "SELECT 'version' AS key, 1 AS value FROM r WHERE n < 0");
  }
  SECTION("entries") {
    replace("weir_entries", "CREATE VIRTUAL TABLE weir_entries USING fts5(ms, seq, fields)");
  }
}

TEST_CASE("The file says which weir made it") {
  File file;
  file.open();
  CHECK(OtherProgram(file.path).ask("SELECT value FROM weir_meta WHERE key = 'made_by'") == "weir " WEIR_VERSION);
}

TEST_CASE("A stream that goes leaves nothing for the next that gets its number") {
  File file;
  const auto store = file.open();
  OtherProgram other(file.path);
  REQUIRE(store->run(message("kept")));
  REQUIRE(store->run(XgroupCreate{"kept", "g", kMinId, false, std::nullopt, false}));
  for (const char* stream : {"s", "t"}) {
    REQUIRE(store->run(message(stream)));
    REQUIRE(store->run(XgroupCreate{stream, "g", kMinId, false, std::nullopt, false}));
  }
  REQUIRE(other
              .ask("UPDATE weir_streams SET flags = 15;"
                   "INSERT INTO weir_extras(stream, keep_maxlen) SELECT stream, 5 FROM weir_streams;"
                   "INSERT INTO weir_delayed SELECT stream, 4000000000000, 1, '{\"a\":1}', NULL FROM weir_streams;"
                   "INSERT INTO weir_keys SELECT stream, 'weir', 'k', 1, 1, 1, 1 FROM weir_streams;"
                   "INSERT INTO weir_serial SELECT grp, 1, 1, 'to=ann' FROM weir_groups")
              .empty());
  const auto streams_with_rows = [&] {
    return other.ask(
        "SELECT (SELECT count(*) FROM weir_extras), (SELECT count(*) FROM weir_delayed),"
        " (SELECT count(*) FROM weir_keys), (SELECT count(*) FROM weir_serial)");
  };
  REQUIRE(streams_with_rows() == "3|3|3|3");
  SECTION("DEL") {
    REQUIRE(store->run(Del{{"s", "t"}}));
    CHECK(streams_with_rows() == "1|1|1|1");
  }
  SECTION("RENAME onto it") {
    REQUIRE(store->run(Rename{"s", "t"}));
    CHECK(streams_with_rows() == "2|2|2|2");
    CHECK(other.ask("SELECT keep_maxlen FROM weir_extras JOIN weir_streams USING (stream) WHERE name = 't'") == "5");
  }
  SECTION("a group of it") {
    REQUIRE(store->run(XgroupDestroy{"s", "g"}));
    CHECK(streams_with_rows() == "3|3|3|2");
  }
  SECTION("FLUSHALL") {
    REQUIRE(store->run(Flushall{}));
    CHECK(streams_with_rows() == "0|0|0|0");
  }
}

TEST_CASE("weir shares a database with an application's own tables, whatever its journal mode was") {
  File file;
  OtherProgram(file.path).ask(
      "PRAGMA journal_mode = DELETE; CREATE TABLE users(name); INSERT INTO users VALUES ('eve')");
  REQUIRE(file.open()->run(message("s")));
  OtherProgram other(file.path);
  CHECK(other.ask("SELECT name FROM users") == "eve");
  CHECK(other.ask("PRAGMA journal_mode") == "wal");
}

TEST_CASE("A database without streams is said to have none, and is left as it is") {
  File file;
  OtherProgram(file.path).ask("CREATE TABLE users(name)");
  CHECK(file.refusal(Access::look).message == file.path + ": holds no streams");
  CHECK(OtherProgram(file.path).ask("SELECT count(*) FROM sqlite_schema") == "1");
}

TEST_CASE("What is not a database is refused in one line") {
  File file;
  SECTION("a folder") {
    REQUIRE(mkdir(file.path.c_str(), 0700) == 0);
    CHECK(file.refusal().message == file.path + ": is a folder, not a database");
  }
  SECTION("another kind of file") {
    std::ofstream(file.path) << std::string(5000, 'x');
    CHECK(file.refusal().message == file.path + ": not a SQLite database");
  }
  SECTION("nothing, and it is only looked at") {
    CHECK(file.refusal(Access::look).message == file.path + ": there is no such database");
    CHECK_FALSE(std::filesystem::exists(file.path));
  }
}

TEST_CASE("A truncated database is refused as damaged") {
  File file;
  {
    const auto store = file.open();
    std::vector<Xadd> many(5000, message("s"));
    REQUIRE(store->append(many));
  }
  OtherProgram(file.path).ask("PRAGMA wal_checkpoint(TRUNCATE)");
  std::filesystem::resize_file(file.path, 3 * 4096);
  const auto store = open_sqlite_store(file.path, StoreOptions{});
  const Error error = store ? (*store)->run(Xrange{"s", kMinId, kMaxId, false, std::nullopt}).error() : store.error();
  CHECK(error.failure == Failure::store);
  CHECK(error.message.find("damaged") != std::string::npos);
}

TEST_CASE("The views show messages and who holds them, with readable IDs and times") {
  File file;
  const auto store = file.open();
  REQUIRE(store->run(message("s", {NewId::Kind::exact, {1526919030474, 55}})));
  REQUIRE(store->run(message("s", {NewId::Kind::exact, kMaxId})));
  REQUIRE(store->run(XgroupCreate{"s", "g", kMinId, false, std::nullopt, false}));
  REQUIRE(store->run(Xreadgroup{"g", "c", {{"s", std::nullopt}}, 1, std::nullopt, false}));
  OtherProgram other(file.path);
  CHECK(other.ask("SELECT * FROM weir_messages") ==
        "s|1526919030474-55|2018-05-21T16:10:30.474Z|{\"a\":1.50}|"
        "s|18446744073709551615-18446744073709551615|NULL|{\"a\":1.50}");
  CHECK(other.ask(
            "SELECT stream, \"group\", consumer, id, deliveries, fields, idle_ms BETWEEN 0 AND 60000 FROM weir_held") ==
        "s|g|c|1526919030474-55|1|{\"a\":1.50}|1");
}

TEST_CASE("An application appends through the inbox, in its own transaction") {
  File file;
  const auto store = file.open();
  OtherProgram other(file.path);
  const std::string insert = "INSERT INTO weir_inbox(stream, fields) VALUES ('emails', json_object('to', 'a@b.c'))";
  SECTION("and the message is there after its commit") {
    CHECK(other.ask("BEGIN; " + insert + ";" + insert + "; COMMIT").empty());
    const auto found = entries(*store, "emails");
    REQUIRE(found.size() == 2);
    CHECK(found[0].id < found[1].id);
    CHECK(found[0].fields->json() == "{\"to\":\"a@b.c\"}");
    CHECK(store->run(Xlen{"emails"})->value == 2);
    CHECK(**store->run(message("emails")) > found[1].id);
  }
  SECTION("also where the highest number is taken: a free one is found") {
    REQUIRE(other.ask("INSERT INTO weir_streams(stream, name, tail) VALUES (2097150, 'last', 2097150 << 42)").empty());
    CHECK(other.ask(insert).empty());
    CHECK(other.ask("SELECT stream, tail - (stream << 42) FROM weir_streams WHERE name = 'emails'") == "1|1");
    CHECK(entries(*store, "emails").size() == 1);
    REQUIRE(store->run(message("another")));
    CHECK(other.ask("SELECT stream FROM weir_streams WHERE name = 'another'") == "2");
  }
  SECTION("and it is gone if that is rolled back") {
    CHECK(other.ask("BEGIN; " + insert + "; ROLLBACK").empty());
    CHECK(store->run(Exists{{"emails"}})->value == 0);
  }
  SECTION("and a group is given it") {
    REQUIRE(store->run(XgroupCreate{"emails", "g", kMinId, true, std::nullopt, false}));
    CHECK(other.ask(insert).empty());
    const auto got = store->run(Xreadgroup{"g", "c", {{"emails", std::nullopt}}, 1, std::nullopt, false});
    REQUIRE(got);
    CHECK(got->size() == 1);
  }
  SECTION("and what is no flat JSON object is refused") {
    const std::string flat =
        "weir_inbox: a field must be a string, a number, true, false or null: a message is a flat hash";
    const std::string object =
        "weir_inbox: fields must be a JSON object with at least one field, as json_object() makes it";
    CHECK(other.ask("INSERT INTO weir_inbox VALUES ('s', '{\"a\":[1]}')") == flat);
    CHECK(other.ask("INSERT INTO weir_inbox VALUES ('s', 'x')") == object);
    CHECK(other.ask("INSERT INTO weir_inbox VALUES ('s', '{}')") == object);
    CHECK(other.ask("INSERT INTO weir_inbox VALUES ('', '{\"a\":1}')") ==
          "weir_inbox: stream must be a text that is not empty");
    CHECK(other.ask("INSERT INTO weir_inbox VALUES ('a' || char(0) || 'b', '{\"a\":1}')") ==
          "weir_inbox: stream must be a text that is not empty");
    CHECK(store->run(Exists{{"s"}})->value == 0);
  }
}

TEST_CASE("The inbox takes only text that weir reads again") {
  File file;
  const auto store = file.open();
  OtherProgram other(file.path);
  const auto insert = [&](const std::string& stream, const std::string& fields) {
    return other.ask("INSERT INTO weir_inbox VALUES ('" + stream + "', '" + fields + "')");
  };
  const auto value = [&](const std::string& text) { return insert("s", R"({"a":")" + text + R"("})"); };
  const std::string refused = "weir_inbox: stream and fields must be UTF-8, without lone surrogates";

  for (const char* bytes : {"\xff", "\xc3", "\x80", "caf\xe9", "\xc3\xa9\xa9", "\xe2\x82x", "\xc1\x81", "\xe0\x82\x80",
                            "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf4\x90\x80\x80", "漢\x90\x80\x80"}) {
    CHECK(value(bytes) == refused);
    CHECK(insert(bytes, R"({"a":1})") == refused);
    CHECK(insert("s", R"({")" + std::string(bytes) + R"(":1})") == refused);
  }
  for (const char* escape : {R"(\ud800)", R"(\uDFFF)", R"(\ud800x)", R"(\ud800\ud800)", R"(\ud800\ud83d\ude00)",
                             R"(\uDBFF\uE000)", R"(\u0000\udc00)", R"(\\\udc00)"}) {
    CHECK(value(escape) == refused);
    CHECK(insert("s", R"({")" + std::string(escape) + R"(":1})") == refused);
  }
  CHECK(store->run(Exists{{"s"}})->value == 0);

  const std::vector<std::string> good{"naïve 漢字 😀", "\uffff\ufffe\ufffd", R"(\\ud800)", R"(\ud83d\ude00)",
                                      R"(\u0000)"};
  for (const std::string& text : good) {
    CHECK(value(text).empty());
  }
  CHECK(insert("größe", R"({"ä":1})").empty());
  CHECK(entries(*store, "s").size() == good.size());
  CHECK(entries(*store, "größe")[0].fields->pairs()[0].name == "ä");
}

TEST_CASE("The inbox makes the IDs that XADD would have made, at every border") {
  File file;
  const auto store = file.open();
  OtherProgram other(file.path);
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63U;
  const std::vector<Id> lasts{{kHalf - 1, 5},
                              {kHalf - 1, kHalf - 2},
                              {kHalf - 1, kHalf - 1},
                              {kHalf - 1, kHalf},
                              {kHalf - 1, kMaxPart},
                              {kHalf, kMaxPart},
                              {kHalf + 7, kMaxPart - 1},
                              {9999999999999999999U, 9999999999999999999U}};
  for (const Id last : lasts) {
    const std::string stream = to_string(last);
    REQUIRE(store->run(message(stream, {NewId::Kind::exact, last})));
    CHECK(other.ask("INSERT INTO weir_inbox VALUES ('" + stream + "', '{\"a\":1}')").empty());
    CHECK(to_string(entries(*store, stream).back().id) == to_string(*next_id(last)));
  }
  REQUIRE(store->run(message("full", {NewId::Kind::exact, kMaxId})));
  CHECK(other.ask("INSERT INTO weir_inbox VALUES ('full', '{\"a\":1}')") ==
        "ERR The stream has exhausted the last possible ID, unable to add more items");
}

TEST_CASE("IDs grow when the clock steps back") {
  File file;
  const Id future{static_cast<std::uint64_t>(4'000'000'000'000), 7};
  REQUIRE(file.open()->run(message("s", {NewId::Kind::exact, future})));
  Id last = future;
  for (int i = 0; i < 3; ++i) {
    const auto id = file.open()->run(message("s"));  // each time another process might be
    REQUIRE(id);
    CHECK(**id == Id{last.ms, last.seq + 1});
    last = **id;
  }
}

}  // namespace weir::test
