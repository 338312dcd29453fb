// The clock steps back: delivery times then lie in the future. The tests set the stored times by SQL.
#include <sqlite3.h>
#include <unistd.h>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

constexpr Millis kIdle{20};

struct Held {
  TempDir folder;
  std::string path = folder.path("w.db");
  std::unique_ptr<Store> store;
  Id id;

  Held() {
    auto opened = open_sqlite_store(path, StoreOptions{});
    REQUIRE(opened);
    store = std::move(*opened);
    Xadd add;
    add.stream = "s";
    add.fields = Fields::from_json("{\"a\":1}");
    const auto added = store->run(add);
    REQUIRE(added);
    REQUIRE(store->run(XgroupCreate{"s", "g", kMinId, false, std::nullopt, false}));
    const auto taken = store->run(Xreadgroup{"g", "dead", {{"s", std::nullopt}}, 1, std::nullopt, false});
    REQUIRE(taken);
    id = taken->front().entries.front().id;
    step_back();
  }

  void step_back() const {
    constexpr const char* kAnHourAhead =
        "UPDATE weir_pending SET delivered_ms = delivered_ms + 3600000, due_ms = due_ms + 3600000";
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, kAnHourAhead, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }

  Xpending look(Millis min_idle) const { return Xpending{"s", "g", min_idle, kMinId, kMaxId, 10, std::nullopt}; }
  Xclaim claim(Millis min_idle) const {
    Xclaim claim;
    claim.stream = "s";
    claim.group = "g";
    claim.consumer = "living";
    claim.ids = {id};
    claim.min_idle = min_idle;
    return claim;
  }
};

}  // namespace

TEST_CASE("A delivery in the future is shown with an idle time of nothing") {
  const Held held;
  const auto pending = held.store->run(held.look(Millis(0)));
  REQUIRE(pending);
  CHECK(pending->entries.at(0).idle == Millis(0));
}

TEST_CASE("A delivery in the future counts as now for who takes it over at once") {
  const Held held;
  SECTION("claim") {
    const auto claimed = held.store->run(held.claim(Millis(0)));
    REQUIRE(claimed);
    CHECK(claimed->entries.size() == 1);
  }
  SECTION("autoclaim") {
    const auto claimed = held.store->run(Xautoclaim{"s", "g", "living", Millis(0), kMinId, 10, false});
    REQUIRE(claimed);
    CHECK(claimed->claimed.entries.size() == 1);
  }
}

TEST_CASE("A message of a dead worker is free after its idle time, not after the hour that the clock stepped back") {
  const Held held;
  SECTION("claim") {
    CHECK(soon([&] { return !held.store->run(held.claim(kIdle))->entries.empty(); }));
  }
  SECTION("autoclaim") {
    CHECK(soon([&] {
      return !held.store->run(Xautoclaim{"s", "g", "living", kIdle, kMinId, 10, false})->claimed.entries.empty();
    }));
  }
  SECTION("a look for idle ones") {
    CHECK(soon([&] { return !held.store->run(held.look(kIdle))->entries.empty(); }));
  }
  SECTION("a look for idle ones of one consumer") {
    Xpending look = held.look(kIdle);
    look.consumer = "dead";
    CHECK(soon([&] { return !held.store->run(look)->entries.empty(); }));
  }
}

TEST_CASE("A claim cannot set a delivery time in the future") {
  const Held held;
  Xclaim claim = held.claim(Millis(0));
  claim.delivery_time = UnixMs(INT64_MAX);
  REQUIRE(held.store->run(claim));
  CHECK(soon([&] { return !held.store->run(held.look(kIdle))->entries.empty(); }));
}

TEST_CASE("A wait for the next delivery that was begun in the future begins now") {
  const Held held;
  constexpr Millis kWait{50};
  Xnack nack;
  nack.stream = "s";
  nack.group = "g";
  nack.ids = {held.id};
  nack.wait = kWait;
  REQUIRE(held.store->run(nack));
  held.step_back();
  Xpending look = held.look(Millis(0));
  look.released = true;
  const auto waiting = held.store->run(look);
  REQUIRE(waiting);
  REQUIRE(waiting->entries.size() == 1);
  CHECK(waiting->entries[0].released->left <= kWait);
  Xclaim take = held.claim(Millis(0));
  take.released = true;
  CHECK(soon([&] {
    const auto taken = held.store->run(take);
    return taken && taken->entries.size() == 1;
  }));
}

}  // namespace weir::test
