// Standing policies, on every engine.
#include <string>
#include <vector>

#include "contract/delayed_messages.h"
#include "stream/keeping.h"
#include "stream/unique.h"

namespace weir::test {
namespace {

Keeping& keeping(Store& store) {
  return dynamic_cast<Keeping&>(store);
}

std::uint64_t length(Store& store, const std::string& stream) {
  return must(store.run(Xlen{stream})).value;
}

void keep_newest(Store& store, const std::string& stream, std::uint64_t count) {
  add(store, stream, {1, 1});
  KeepPolicy policy;
  policy.maxlen = count;
  must(keeping(store).keep(stream, policy));
}

}  // namespace

TEST_CASE("Messages with a key apply the policy of their stream", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  keep_newest(store, "s", 5);
  // On a server about one of 128 appends applies it, at random: it is very unlikely that none of so many does.
  constexpr std::uint64_t kMany = 1'500;
  auto& unique = dynamic_cast<Unique&>(store);
  for (std::uint64_t i = 0; i < kMany; ++i) {
    must(unique.add_unique(numbered(i), std::to_string(i), std::nullopt));
  }
  CHECK(length(store, "s") < kMany);
}

TEST_CASE("Delayed messages apply the policy of their stream when they are appended", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  const auto delay_many = [&](Due due) {
    std::vector<Xadd> entries;
    entries.reserve(600);
    for (std::uint64_t i = 0; i < 600; ++i) {
      entries.push_back(numbered(i));
    }
    std::vector<Handle> handles;
    for (const auto& handle : must(delaying(store).delay(entries, due))) {
      handles.push_back(handle.value());
    }
    return handles;
  };
  keep_newest(store, "s", 5);
  SECTION("when somebody looks at the stream") {
    delay_many({false, Millis(1)});
    must(store.run(Xrange{"s", kMinId, kMaxId, false, std::nullopt}));
  }
  SECTION("in a transaction") {
    delay_many({false, Millis(1)});
    must(store.transact(std::vector<Request>{Xlen{"s"}, Xlen{"s"}}, Store::OnRefusal::go_on));
  }
  SECTION("at once") {
    CHECK(must(delaying(store).append_delayed("s", delay_many({true, kHour}))).value == 600);
  }
  SECTION("while a reader waits for them") {
    delay_many({true, Millis(50)});
    Xread read = read_after("s", {1, 1});
    read.block = Millis(30'000);
    CHECK_FALSE(must(store.run(read)).empty());
  }
  CHECK(length(store, "s") < 300);
}

TEST_CASE("What a policy would delete is told, and stays", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  const auto maxlen = GENERATE(std::optional<std::uint64_t>(), std::optional<std::uint64_t>(30));
  const auto maxage = GENERATE(std::optional<Millis>(), std::optional<Millis>(kHour));
  const bool acked = GENERATE(false, true);
  const KeepPolicy policy{maxlen, maxage, acked};
  if (!policy.any()) {
    return;
  }
  for (std::uint64_t i = 1; i <= 100; ++i) {
    add(store, "s", {i, 1});
  }
  make_group(store, "s", "g");
  CHECK(deliver(store, "s", "c", 60).size() == 60);
  std::vector<Id> done;
  done.reserve(60);
  for (std::uint64_t i = 1; i <= 60; i += i == 20 ? 2 : 1) {
    done.push_back({i, 1});
  }
  CHECK(must(store.run(Xack{"s", "g", done, std::nullopt})).value == done.size());
  must(keeping(store).keep("s", policy));
  const std::uint64_t told = must(keeping(store).would_apply_keep("s")).value;
  CHECK(length(store, "s") == 100);
  CHECK(told > 0);
  CHECK(must(keeping(store).apply_keep("s")).value == told);
  CHECK(length(store, "s") == 100 - told);
}

}  // namespace weir::test
