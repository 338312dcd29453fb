// A packed long range has the same entries as XRANGE.
#include <sqlite3.h>

#include <vector>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "stream/packing.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using Lines = std::vector<std::pair<Id, std::string>>;

Lines packed(Store& store, const Xrange& range, PackedEntries& page) {
  const auto count = dynamic_cast<Packing&>(store).pack(range, page);
  REQUIRE(count);
  CHECK(*count == page.size());
  Lines lines;
  page.each([&](Id id, std::string_view fields) { lines.emplace_back(id, fields); });
  return lines;
}

Lines ranged(Store& store, const Xrange& range) {
  const auto entries = store.run(range);
  REQUIRE(entries);
  Lines lines;
  for (const Entry& entry : entries->entries) {
    lines.emplace_back(entry.id, entry.fields->json());
  }
  return lines;
}

}  // namespace

TEST_CASE("Packed entries are those of the range, whatever another program made of their text") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const auto store = sqlite::open_sqlite_store(path, StoreOptions{});
  REQUIRE(store);
  for (std::uint64_t i = 1; i <= 9; ++i) {
    Xadd add = message("s");
    add.id = {NewId::Kind::exact, Id{i, i}};
    REQUIRE((*store)->run(add));
  }
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  for (const char* sql :
       {R"(UPDATE weir_entries SET fields = '{"cut":"sho' WHERE ms = 3)",
        R"(UPDATE weir_entries SET fields = '{' WHERE ms = 4)", R"(UPDATE weir_entries SET fields = '' WHERE ms = 5)",
        R"(UPDATE weir_entries SET fields = '[[{"base64":"/w=="},"v"]]' WHERE ms = 6)"}) {
    REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  sqlite3_close(db);
  PackedEntries page;  // one for all: nothing of a range is left for the next
  const Xrange all{"s", kMinId, kMaxId, false, std::nullopt};
  CHECK(packed(**store, all, page).size() == 9);
  for (const Xrange& range :
       {all, Xrange{"s", kMinId, kMaxId, true, std::nullopt}, Xrange{"s", {2, 0}, {7, 7}, false, 4},
        Xrange{"s", {7, 0}, {2, 0}, false, std::nullopt}, Xrange{"none", kMinId, kMaxId, false, std::nullopt}}) {
    CHECK(packed(**store, range, page) == ranged(**store, range));
  }
}

}  // namespace weir::test
