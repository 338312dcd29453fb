// XREAD, and waiting: what both engines must do.
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "contract/helpers.h"
#include "system/fd.h"

namespace weir::test {
namespace {

using Kind = Xread::From::Kind;

Xread from(Kind kind, std::optional<Millis> block = std::nullopt) {
  return Xread{{{"s", {kind, {}}}}, std::nullopt, block};
}

}  // namespace

TEST_CASE("XREAD gives what is after an ID, and leaves out streams without any", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}, {3, 1}});
  add(engine.store(), "t", {1, 1});
  Xread read = read_after("s", {1, 1});
  read.sources.push_back({"t", {Kind::after, {1, 1}}});
  read.sources.push_back({"nothing", {}});
  const auto streams = must(engine->run(read));
  REQUIRE(streams.size() == 1);
  CHECK(streams[0].stream == "s");
  CHECK(ids_of(streams[0].entries) == std::vector<Id>{{2, 1}, {3, 1}});
  read.count = 1;
  CHECK(ids_of(must(engine->run(read))[0].entries) == std::vector<Id>{{2, 1}});
  CHECK(must(engine->run(read_after("s", kMaxId))).empty());
}

TEST_CASE("XREAD + gives the last live entry once, whatever COUNT says", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}, {3, 1}});
  must(engine->run(Xdel{"s", {{3, 1}}}));
  Xread read = from(Kind::last_entry);
  read.count = 5;
  read.sources.push_back({"nothing", {Kind::last_entry, {}}});
  read.sources.push_back({"s", {Kind::after, {1, 1}}});
  const auto streams = must(engine->run(read));
  REQUIRE(streams.size() == 2);
  CHECK(ids_of(streams[0].entries) == std::vector<Id>{{2, 1}});
  CHECK(ids_of(streams[1].entries) == std::vector<Id>{{2, 1}});
}

TEST_CASE("XREAD answers in the order of the request, whichever of two readings of a stream has something",
          "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "a", {{1, 1}, {2, 1}});
  add(engine.store(), "b", {5, 1});
  Xread read = read_after("a", {9, 0});
  read.sources.push_back({"b", {Kind::last_entry, {}}});
  read.sources.push_back({"a", {Kind::after, {}}});
  const auto streams = must(engine->run(read));
  REQUIRE(streams.size() == 2);
  CHECK(streams[0].stream == "b");
  CHECK(streams[1].stream == "a");
  CHECK(ids_of(streams[1].entries) == std::vector<Id>{{1, 1}, {2, 1}});
}

TEST_CASE("A history is told from new messages where a stream is named twice", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}});
  make_group(engine.store(), "s", "g");
  deliver(engine.store(), "s", "c");
  Xreadgroup read = group_read("s", "c");
  read.sources.push_back({"s", kMinId});
  const auto streams = must(engine->run(read));
  REQUIRE(streams.size() == 1);
  REQUIRE(ids_of(streams[0].entries) == std::vector<Id>{{1, 1}});
  CHECK(streams[0].entries[0].deliveries == 2);
}

TEST_CASE("A stream that is named twice is answered twice", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}});
  Xread read = read_after("s", {});
  read.sources.push_back({"s", {Kind::after, {1, 1}}});
  const auto streams = must(engine->run(read));
  REQUIRE(streams.size() == 2);
  CHECK(streams[0].entries.size() == 2);
  CHECK(streams[1].entries.size() == 1);
}

TEST_CASE("A blocking read has no effect where there is data, and ends empty where none comes", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add(engine.store(), "s", {1, 1});
  Xread read = read_after("s", {});
  read.block = Millis(0);
  CHECK(must(engine->run(read)).size() == 1);
  CHECK(must(engine->run(from(Kind::end, Millis(20)))).empty());
  CHECK(must(engine->run(from(Kind::last_entry, Millis(0)))).size() == 1);
}

TEST_CASE("A blocked read is woken by an entry, and lives through DEL of its stream", "[contract]") {
  ON_EVERY_ENGINE(engine);
  // For ever, and for longer than a clock of nanoseconds can tell.
  const Millis block = GENERATE(Millis(0), Millis(10'000'000'000'000));
  add(engine.store(), "s", {1, 1});
  const auto waiting = engine.another();
  Result<StreamEntries> reply;
  std::thread reader([&] {
    Xread read = read_after("s", {5, 0});
    read.block = block;
    reply = waiting->run(read);
  });
  must(engine->run(Del{{"s"}}));
  add_all(engine.store(), "s", {{2, 2}, {7, 7}});
  reader.join();
  const auto streams = must(reply);
  REQUIRE(streams.size() == 1);
  CHECK(ids_of(streams[0].entries) == std::vector<Id>{{7, 7}});
}

TEST_CASE("Stores of one process, in threads of their own: readers that block get every message once, in order",
          "[contract]") {
  ON_EVERY_ENGINE(engine);
  make_group(engine.store(), "s", "g");
  constexpr std::size_t kMessages = 300;
  std::vector<std::vector<Id>> got(2);
  std::vector<std::unique_ptr<Store>> stores;
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < got.size(); ++i) {
    stores.push_back(engine.another());
    readers.emplace_back([&store = *stores[i], &ids = got[i], i] {
      Xreadgroup read = group_read("s", "c" + std::to_string(i), std::nullopt, 1);
      read.block = Millis(0);
      while (true) {
        const auto reply = store.run(read);
        if (!reply) {
          return;  // the group is gone: that was all
        }
        ids.push_back(reply->at(0).entries.at(0).id);
      }
    });
  }
  std::vector<Id> added;
  for (std::uint64_t n = 0; n < kMessages; ++n) {
    added.push_back(add(engine.store(), "s", {n + 1, 0}));
    engine.another();  // one that comes and goes disturbs nobody
  }
  while (must(engine->run(XinfoGroups{"s"})).groups.at(0).last_delivered_id != added.back()) {
    std::this_thread::yield();
  }
  must(engine->run(XgroupDestroy{"s", "g"}));
  std::vector<Id> all;
  for (std::size_t i = 0; i < got.size(); ++i) {
    readers[i].join();
    CHECK(std::ranges::is_sorted(got[i]));
    all.insert(all.end(), got[i].begin(), got[i].end());
  }
  std::ranges::sort(all);
  CHECK(all == added);
}

TEST_CASE("An interrupt ends a blocked read as if its time were over", "[contract]") {
  ON_EVERY_ENGINE(engine);
  make_group(engine.store(), "s", "g");
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const Fd out(ends[0]);
  const Fd in(ends[1]);
  engine->set_interrupt(out.get());
  REQUIRE(::write(in.get(), "x", 1) == 1);
  CHECK(must(engine->run(from(Kind::end, Millis(0)))).empty());
  Xreadgroup read = group_read("s", "c");
  read.block = Millis(0);
  CHECK(must(engine->run(read)).empty());
}

TEST_CASE("A blocked group read is given a message, and a missing group is refused at once", "[contract]") {
  ON_EVERY_ENGINE(engine);
  make_group(engine.store(), "s", "g");
  const auto waiting = engine.another();
  Result<StreamEntries> reply;
  Xreadgroup read = group_read("s", "c");
  read.block = Millis(0);
  std::thread reader([&] { reply = waiting->run(read); });
  add(engine.store(), "s", {1, 1});
  reader.join();
  const auto streams = must(reply);
  REQUIRE(streams.size() == 1);
  CHECK(ids_of(streams[0].entries) == std::vector<Id>{{1, 1}});
  CHECK(streams[0].entries[0].deliveries == 1);
  CHECK(pending(engine.store(), "s").size() == 1);
  read.group = "none";
  CHECK_THAT(refusal(engine->run(read)), Catch::Matchers::StartsWith("NOGROUP"));
}

}  // namespace weir::test
