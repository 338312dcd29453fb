// Readers that wait with CLAIM: for new messages, and for messages that a consumer has held for too long.
#include <chrono>
#include <cstdlib>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/places.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace weir::test {
namespace {

constexpr const char* kStream = "s";
constexpr const char* kGroup = "g";

std::unique_ptr<Store> open_store(const std::string& path) {
  auto store = sqlite::open_sqlite_store(path, StoreOptions{});
  if (!store) {
    _exit(3);
  }
  return std::move(*store);
}

/// A process that waits for one message, and says its ID, how long it was held before, and how often it was delivered.
Child reader(const std::string& path, const std::string& name, std::optional<Millis> claim, Millis block = Millis(0)) {
  return Child([&, claim](int out) {
    const auto store = open_store(path);
    const auto got = store->run(Xreadgroup{kGroup, name, {{kStream, std::nullopt}}, 1, block, false, claim});
    if (!got || got->empty()) {
      say(out, got ? "nothing" : got.error().message);
      return;
    }
    const Entry& entry = got->front().entries.front();
    say(out, to_string(entry.id) + (entry.before ? " " + std::to_string(entry.before->deliveries) : " new"));
  });
}

struct Held {
  TempDir folder;
  std::string path = folder.path("w.db");
  std::unique_ptr<Store> store = open_store(path);

  /// So many entries, all of them held by `dead`, which is gone.
  explicit Held(std::uint64_t entries) {
    REQUIRE(store->run(XgroupCreate{kStream, kGroup, kMinId, true, std::nullopt, false}));
    for (std::uint64_t n = 1; n <= entries; ++n) {
      add(n);
    }
    REQUIRE(store->run(Xreadgroup{kGroup, "dead", {{kStream, std::nullopt}}, {}, {}, false}));
  }

  void add(std::uint64_t n) {
    REQUIRE(store->run(Xadd{kStream, {NewId::Kind::exact, {n, 1}}, Fields::from_json("{\"a\":1}"), true, {}}));
  }
  /// As if the entry had been held for so long.
  void age(Id id, Millis idle) {
    Xclaim claim;
    claim.stream = kStream;
    claim.group = kGroup;
    claim.consumer = "dead";
    claim.ids = {id};
    claim.delivery_time =
        std::chrono::duration_cast<UnixMs>(std::chrono::system_clock::now().time_since_epoch()) - idle;
    claim.just_id = true;
    REQUIRE(store->run(claim)->entries.size() == 1);
  }
  void change(const std::string& sql) const {
    REQUIRE(std::system(("sqlite3 '" + path + "' '" + sql + "'").c_str()) == 0);
  }
  /// Waits until so many places are taken. A reader has one, or two with CLAIM.
  void wait_for_places(int places) const {
    constexpr std::int64_t kEnd = 2 * kFirstForClaims - 1;
    REQUIRE(soon([&] { return places_taken(path, 1, 2) + places_taken(path, kFirstForClaims, kEnd) == places; }));
  }
};

constexpr Millis kAnHour(3'600'000);

}  // namespace

TEST_CASE("A reader with CLAIM is woken when an entry has been held for long enough", "[claim_line]") {
  Held held(1);
  held.age({1, 1}, kAnHour - Millis(300));
  Child waiting = reader(held.path, "waiting", kAnHour);
  CHECK(waiting.line() == "1-1 1");
}

TEST_CASE("A reader with CLAIM is woken by what is new, and by what was made older or given back", "[claim_line]") {
  Held held(3);
  Child first = reader(held.path, "first", kAnHour);
  held.wait_for_places(2);
  held.add(9);
  CHECK(first.line() == "9-1 0");
  Child second = reader(held.path, "second", kAnHour);
  held.wait_for_places(2);
  held.age({2, 1}, kAnHour);
  CHECK(second.line() == "2-1 1");
  Child third = reader(held.path, "third", kAnHour);
  held.wait_for_places(2);
  REQUIRE(held.store->run(Xnack{kStream, kGroup, Xnack::Blame::fail, {{3, 1}}, {}, false, {}}));
  CHECK(third.line() == "3-1 1");
}

TEST_CASE("Readers with CLAIM are served in the order in which they came", "[claim_line]") {
  Held held(2);
  Child first = reader(held.path, "first", kAnHour);
  held.wait_for_places(2);
  Child second = reader(held.path, "second", kAnHour);
  held.wait_for_places(4);
  held.age({2, 1}, kAnHour);
  CHECK(first.line() == "2-1 1");
  held.age({1, 1}, kAnHour);
  CHECK(second.line() == "1-1 1");
}

TEST_CASE("Who is ahead without CLAIM does not keep what is pending from who has it", "[claim_line]") {
  Held held(1);
  Child plain = reader(held.path, "plain", {});
  held.wait_for_places(1);
  Child claiming = reader(held.path, "claiming", kAnHour);
  held.wait_for_places(3);
  held.age({1, 1}, kAnHour);
  CHECK(claiming.line() == "1-1 1");
  held.add(5);
  CHECK(plain.line() == "5-1 new");
}

TEST_CASE("Who is ahead and waits for older ones keeps nothing from who takes younger ones", "[claim_line]") {
  Held held(2);
  Child patient = reader(held.path, "patient", kAnHour);
  held.wait_for_places(2);
  Child first = reader(held.path, "first", Millis(60'000));
  held.wait_for_places(4);
  held.age({1, 1}, Millis(60'000));
  CHECK(first.line() == "1-1 1");
  held.age({2, 1}, kAnHour);
  CHECK(patient.line() == "2-1 1");
}

TEST_CASE("What was given before the clock was set back is held since now", "[claim_line]") {
  Held held(1);
  Child waiting = reader(held.path, "waiting", Millis(5000));
  held.wait_for_places(2);
  held.change("UPDATE weir_pending SET delivered_ms = delivered_ms + 3600 * 1000");
  CHECK(waiting.line() == "1-1 1");
}

TEST_CASE("What lost its entry while pending is given to nobody, and stays", "[claim_line]") {
  Held held(1);
  held.age({1, 1}, kAnHour);
  REQUIRE(held.store->run(Xdel{kStream, {{1, 1}}}));
  CHECK(reader(held.path, "waiting", kAnHour, Millis(100)).line() == "nothing");
  CHECK(held.store->run(XpendingSummary{kStream, kGroup})->count == 1);
}

}  // namespace weir::test
