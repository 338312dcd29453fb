#include "catch.h"
#include "cli/run/progress_line.h"

#include "sqlite/sqlite_store.h"
#include "stream/upkeep.h"
#include "support/temp_dir.h"

using namespace weir::cli;
using std::chrono::duration;

TEST_CASE("Progress is a count and a rate, and where the whole is known the share and the time left") {
  CHECK(progress_text({}, {1, 0, 0}, duration<double>(4)) == "1 message, 0.2/s");
  CHECK(progress_text({}, {40'000, 4'000'000, 10'000'000}, duration<double>(2)) ==
        "40000 messages, 20000/s, 40 %, 3.0s left");
  SECTION("what was there before is done, but not by this rate") {
    CHECK(progress_text({500, 500, 1'000}, {600, 600, 1'000}, duration<double>(10)) ==
          "600 messages, 10/s, 60 %, 40s left");
  }
  SECTION("a file that has grown has no known end") {
    CHECK(progress_text({}, {100, 1'001, 1'000}, duration<double>(10)) == "100 messages, 10/s");
  }
  SECTION("work that cannot be measured takes so long") {
    CHECK(progress_text({}, {}, duration<double>(12)) == "for 12s");
  }
  SECTION("nothing is done yet") {
    CHECK(progress_text({}, {0, 0, 1'000}, duration<double>(1)) == "0 messages, 0.0/s, 0 %");
  }
}

TEST_CASE("A long statement says now and then that it is at work") {
  using namespace weir;
  const test::TempDir folder;
  const auto store = sqlite::open_sqlite_store(folder.path("w.db"), StoreOptions{Access::make, Durability::off});
  REQUIRE(store);
  const Xadd one{"s", {}, Fields::from_json(R"({"n":"1"})"), true, std::nullopt};
  REQUIRE((*store)->append(std::vector<Xadd>(300'000, one)));
  auto& file = dynamic_cast<Upkeep&>(**store);
  int told = 0;
  file.while_working([&] { ++told; });
  Xtrim trim;
  trim.stream = "s";
  trim.trim.maxlen = 0;
  REQUIRE((*store)->run(trim));
  CHECK(told > 0);
  const int before = told;
  file.while_working({});
  REQUIRE((*store)->append(std::vector<Xadd>(300'000, one)));
  REQUIRE((*store)->run(trim));
  CHECK(told == before);
}
