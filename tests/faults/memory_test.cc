// SQLite runs out of memory at one moment: the current command fails, and the next command works.
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

sqlite3_mem_methods real;
long until_it_fails = 0;  ///< allocations; 0: none fails

bool fails_now() {
  if (until_it_fails == 0) {
    return false;
  }
  --until_it_fails;
  return until_it_fails == 0;
}

/// SQLite takes no other memory once it has begun: so it is told before main.
const bool installed = [] {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
  sqlite3_mem_methods methods = real;
  methods.xMalloc = [](int size) { return fails_now() ? nullptr : real.xMalloc(size); };
  methods.xRealloc = [](void* old, int size) { return fails_now() ? nullptr : real.xRealloc(old, size); };
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}();

}  // namespace

TEST_CASE("What had no memory has failed as a whole, and what comes next is done", "[memory]") {
  REQUIRE(installed);
  const TempDir folder;
  const StoreOptions options{Access::make};
  REQUIRE((*sqlite::open_sqlite_store(folder.path("w.db"), options))->run(message()));
  struct Asked {
    const char* name;
    std::function<bool(Store&)> act;
  };
  const std::vector<Asked> all{
      {"XADD", [](Store& store) { return store.run(message()).has_value(); }},
      {"XREADGROUP",
       [](Store& store) {
         return store.run(Xreadgroup{"g", "c", {{"s", std::nullopt}}, 1, std::nullopt, false}).has_value();
       }},
      {"XLEN", [](Store& store) { return store.run(Xlen{"s"}).has_value(); }},
      {"XRANGE",
       [](Store& store) {
         return store.run(Xrange{"s", kMinId, kMaxId, false, std::nullopt}).has_value();
       }},
  };
  REQUIRE((*sqlite::open_sqlite_store(folder.path("w.db"), options))
              ->run(XgroupCreate{"s", "g", kMinId, true, std::nullopt, true}));
  for (const Asked& asked : all) {
    int failed = 0;
    int done = 0;
    for (long nth = 1; done < 8; ++nth) {
      const auto store = sqlite::open_sqlite_store(folder.path("w.db"), options);
      REQUIRE(store);
      until_it_fails = nth;
      const bool succeeded = asked.act(**store);
      done = until_it_fails > 0 ? done + 1 : 0;  // it needs no more than these
      until_it_fails = 0;
      failed += succeeded ? 0 : 1;
      INFO(asked.name << " without its allocation " << nth);
      const auto next = (*store)->run(message());
      INFO((next ? "" : next.error().message));
      CHECK(next);
    }
    CHECK(failed > 0);
  }
}

}  // namespace weir::test
