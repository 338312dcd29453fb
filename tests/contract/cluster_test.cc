// A cluster of three servers: commands work whichever server is named.
#include <array>
#include <cstdio>
#include <thread>

#include "catch.h"
#include "contract/delayed_messages.h"
#include "redis/redis_store.h"
#include "redis/wire/cluster.h"
#include "stream/pausing.h"
#include "stream/rationing.h"
#include "worker/dead/dead.h"
#include "worker/dead/targets.h"
#include "worker/work.h"

namespace weir::test {
namespace {

using redis::open_redis_store;
using redis::slot_of;

/// What a shell command prints.
std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), n);
  }
  ::pclose(pipe);
  while (text.ends_with('\n')) {
    text.pop_back();
  }
  return text;
}

class ThreeNodes {
 public:
  static std::string ask(int port, const std::string& command) {
    return output_of("redis-cli -p " + std::to_string(port) + " " + command + " 2>/dev/null");
  }
  int port(std::size_t i) const { return cluster_.ports()[i]; }
  std::unique_ptr<Store> open(std::size_t i) const {
    return must(open_redis_store("redis://127.0.0.1:" + std::to_string(port(i)), {}));
  }

 private:
  Cluster cluster_{3};
};

Xadd entry_of(const std::string& stream, Id id) {
  return Xadd{stream, exactly(id), fields({{"a", "b"}}), true, std::nullopt};
}

}  // namespace

TEST_CASE("The slot of a key is that of its tag", "[cluster]") {
  CHECK(slot_of("123456789") == 0x31c3);
  CHECK(slot_of("{user1000}.following") == slot_of("user1000"));
  CHECK(slot_of("foo{}{bar}") != slot_of("bar"));
  CHECK(slot_of("foo{{bar}}zap") == slot_of("{bar"));
}

TEST_CASE("In a cluster entries go to their nodes once, in order, also those that were sent ahead", "[cluster]") {
  const ThreeNodes cluster;
  for (std::size_t node = 0; node < 3; ++node) {
    const auto store = cluster.open(node);
    must(store->run(Flushall()));
    std::vector<std::vector<Xadd>> batches(4);
    for (std::uint64_t n = 0; n < 8000; ++n) {
      const std::string stream = n < 6000 ? "a" : n % 2 == 0 ? "a" : "b";
      batches[n / 2000].push_back(Xadd{stream, {}, fields({{"n", std::to_string(n)}}), true, std::nullopt});
    }
    const auto ids = append_ahead(*store, batches);
    CHECK(ids.size() == 8000);
    const auto stored = range(*store, "a");
    CHECK(stored.size() == 7000);
    CHECK(std::equal(ids.begin(), ids.begin() + 6000, stored.begin()));
    const auto others = range(*store, "b");
    CHECK(others.size() == 1000);
    for (std::size_t i = 0; i < others.size(); ++i) {
      REQUIRE(others[i] == ids[6001 + 2 * i]);
    }
  }
}

TEST_CASE("In a cluster of three every command on one stream works, whichever node is named", "[cluster]") {
  const ThreeNodes cluster;
  const std::vector<std::string> names{"a", "b", "c", "d", "e", "f", "g"};
  for (std::size_t node = 0; node < 3; ++node) {
    const auto store = cluster.open(node);
    must(store->run(Flushall()));
    std::vector<Xadd> entries;
    for (std::uint64_t n = 1; n <= 300; ++n) {
      entries.push_back(Xadd{names[n % names.size()], {}, fields({{"n", std::to_string(n)}}), true, std::nullopt});
    }
    append(*store, entries);
    std::size_t all = 0;
    for (const std::string& name : names) {
      all += must(store->run(Xlen{name})).value;
      must(store->run(XgroupCreate{name, "g", Id{}, false, std::nullopt, false}));
      Xreadgroup read;
      read.group = "g";
      read.consumer = "c";
      read.sources.push_back({name, std::nullopt});
      read.block = Millis(1000);
      const auto delivered = must(store->run(read));
      REQUIRE(delivered.size() == 1);
      Xack ack{name, "g", {delivered[0].entries[0].id}, "c", true};
      CHECK(must(store->run(ack)).value == 1);
      CHECK(!store->run(ack));
    }
    CHECK(all == entries.size());
    CHECK(must(store->run(Keys{"*"})).names == names);
    const std::vector<Request> requests{entry_of("{a}x", {1, 1}), Xlen{"{a}x"}, Xlen{"a"}};
    CHECK(must(store->transact(requests, Store::OnRefusal::go_on)).size() == 3);
  }
}

TEST_CASE("All nodes of a cluster are the same store", "[cluster]") {
  const ThreeNodes cluster;
  const auto identity = must(cluster.open(0)->identity());
  CHECK(!identity.empty());
  CHECK(must(cluster.open(1)->identity()) == identity);
  CHECK(must(cluster.open(2)->identity()) == identity);
}

TEST_CASE("A command over streams of different slots says so", "[cluster]") {
  const ThreeNodes cluster;
  const auto store = cluster.open(0);
  Xread read;
  read.sources.push_back({"a", {}});
  read.sources.push_back({"b", {}});
  const auto reply = store->run(read);
  REQUIRE(!reply);
  CHECK(reply.error().failure == Failure::refused);
  CHECK_THAT(reply.error().message, Catch::Matchers::StartsWith("CROSSSLOT"));
  CHECK_THAT(reply.error().hint, Catch::Matchers::ContainsSubstring("{tag}"));
}

TEST_CASE("A slot that is on its way is followed to where it goes", "[cluster]") {
  const ThreeNodes cluster;
  const std::string slot = std::to_string(slot_of("moving"));
  const auto store = cluster.open(0);
  must(store->run(entry_of("moving", {1, 1})));
  std::size_t from = 0;
  while (ThreeNodes::ask(cluster.port(from), "CLUSTER COUNTKEYSINSLOT " + slot) != "1") {
    REQUIRE(++from < 3);
  }
  const std::size_t to = (from + 1) % 3;
  const auto id_of = [&](std::size_t node) { return ThreeNodes::ask(cluster.port(node), "CLUSTER MYID"); };
  ThreeNodes::ask(cluster.port(to), "CLUSTER SETSLOT " + slot + " IMPORTING " + id_of(from));
  ThreeNodes::ask(cluster.port(from), "CLUSTER SETSLOT " + slot + " MIGRATING " + id_of(to));
  // ASK: the key is not here any more, the slot still is.
  ThreeNodes::ask(cluster.port(from), "MIGRATE 127.0.0.1 " + std::to_string(cluster.port(to)) + " moving 0 5000");
  must(store->run(entry_of("moving", {2, 1})));
  CHECK(must(store->run(Xlen{"moving"})).value == 2);
  // MOVED: now the slot is elsewhere too.
  for (std::size_t node = 0; node < 3; ++node) {
    ThreeNodes::ask(cluster.port(node), "CLUSTER SETSLOT " + slot + " NODE " + id_of(to));
  }
  must(store->run(entry_of("moving", {3, 1})));
  CHECK(must(store->run(Xlen{"moving"})).value == 3);
}

TEST_CASE("In a cluster dead letters are in the slot of their stream", "[cluster]") {
  const ThreeNodes cluster;
  const auto store = cluster.open(0);
  for (const std::string stream : {"jobs", "{t}jobs", "a", "b"}) {
    const std::string dead = stream[0] == '{' ? stream + ".dead" : "{" + stream + "}.dead";
    CHECK(must(worker::dead_letter_stream(*store, stream, "")) == dead);
    must(store->run(Xadd{stream, {}, fields({{"n", "1"}}), true, std::nullopt}));
    worker::WorkOptions options;
    options.streams = {stream};
    options.group = "g";
    options.command = {"false"};
    options.input = worker::CommandInput::none;
    options.max_deliveries = 1;
    options.until_empty = true;
    CHECK(must(worker::run_work(*store, options)) == 3);
    CHECK(must(store->run(Xlen{dead})).value == 1);
    CHECK(must(store->run(XpendingSummary{stream, "g"})).count == 0);

    worker::DeadOptions requeue;
    requeue.action = worker::DeadOptions::Action::requeue;
    requeue.stream = stream;
    requeue.all = true;
    CHECK(must(worker::run_dead(*store, requeue, [](const worker::DeadAnswer&) {})) == 0);
    CHECK(must(store->run(Xlen{dead})).value == 0);
    CHECK(must(store->run(Xlen{stream})).value == 1);
    CHECK(must(store->run(XpendingSummary{stream, "g"})).count == 1);
  }
}

TEST_CASE("In a cluster a worker whose targets are in other slots does not start", "[cluster]") {
  const ThreeNodes cluster;
  const auto store = cluster.open(0);
  must(store->run(Xadd{"jobs", {}, fields({{"n", "1"}}), true, std::nullopt}));
  worker::WorkOptions options;
  options.streams = {"jobs"};
  options.group = "g";
  options.command = {"true"};
  options.into = "results";
  options.until_empty = true;
  const auto into = worker::run_work(*store, options);
  REQUIRE(!into);
  CHECK(into.error().failure == Failure::usage);
  CHECK_THAT(into.error().hint, Catch::Matchers::ContainsSubstring("--into '{jobs}.results'"));
  options.into.clear();
  options.dead_letter = "graveyard";
  const auto dead = worker::run_work(*store, options);
  REQUIRE(!dead);
  CHECK(dead.error().failure == Failure::usage);
  CHECK_THAT(dead.error().hint, Catch::Matchers::ContainsSubstring("--dead-letter '{jobs}.graveyard'"));
  CHECK(must(store->run(XinfoGroups{"jobs"})).groups.empty());
}

TEST_CASE("In a cluster terms hold for streams of one slot, and pauses in any", "[cluster]") {
  const ThreeNodes cluster;
  const auto store = cluster.open(0);
  const auto other = cluster.open(1);
  const std::vector<std::string> streams{"{jobs}.mail", "{jobs}.calls", "elsewhere"};
  for (const std::string& stream : streams) {
    must(store->run(Xadd{stream, exactly({1, 1}), fields({{"to", "ann"}}), true, std::nullopt}));
    must(store->run(Xadd{stream, exactly({2, 1}), fields({{"to", "ann"}}), true, std::nullopt}));
    must(store->run(XgroupCreate{stream, "g", kMinId, false, std::nullopt, false}));
  }
  Ration ration;
  ration.streams = {streams[0], streams[1]};
  ration.group = "g";
  ration.consumer = "w";
  ration.terms.serial = "to";
  ration.want = 9;
  CHECK(must(dynamic_cast<Rationing&>(*store).take(ration)).messages.size() == 2);
  CHECK(must(dynamic_cast<Rationing&>(*other).take(ration)).messages.empty());
  ration.streams.push_back(streams[2]);
  const auto refused = dynamic_cast<Rationing&>(*store).take(ration);
  REQUIRE(!refused);
  CHECK_THAT(refused.error().message, Catch::Matchers::StartsWith("CROSSSLOT"));
  CHECK_THAT(refused.error().hint, Catch::Matchers::ContainsSubstring("{tag}"));

  for (const std::string& stream : streams) {
    REQUIRE(dynamic_cast<Pausing&>(*store).pause(stream, "g", std::nullopt));
    CHECK(must(other->run(Xreadgroup{"g", "x", {{stream, std::nullopt}}, {}, Millis(1), false})).empty());
    REQUIRE(dynamic_cast<Pausing&>(*other).resume(stream, "g"));
  }
  CHECK(must(other->run(Xreadgroup{"g", "x", {{streams[2], std::nullopt}}, {}, Millis(1), false})).size() == 1);
  CHECK(must(other->run(XgroupDestroy{streams[2], "g"})).value == 1);
}

TEST_CASE("A transaction over streams of different slots says what MOVED is", "[cluster]") {
  const ThreeNodes cluster;
  const auto store = cluster.open(0);
  const std::vector<Request> requests{Xlen{"a"}, Xlen{"b"}, Xlen{"c"}, Xlen{"d"}};
  const auto replies = store->transact(requests, Store::OnRefusal::go_on);
  REQUIRE(!replies);
  CHECK(replies.error().failure == Failure::refused);
  CHECK_THAT(replies.error().message, Catch::Matchers::StartsWith("MOVED "));
  CHECK_THAT(replies.error().hint, Catch::Matchers::ContainsSubstring("{tag}"));
}

TEST_CASE("In a cluster delayed messages are beside their stream, whatever its name", "[cluster]") {
  const ThreeNodes cluster;
  for (std::size_t node = 0; node < 3; ++node) {
    const auto store = cluster.open(node);
    must(store->run(Flushall()));
    for (const std::string name : {"s", "{t}s", "{}s", "}", "a}b", "a{b", "{{x}}y", "a b\nc"}) {
      INFO(name);
      make_group(*store, name, "g");
      delay_past(*store, name);
      CHECK(deliver(*store, name, "c").size() == 1);
      delay_an_hour(*store, name);
      CHECK(must(delaying(*store).count_delayed(name)).count == 1);
      // A reader that waits hears of it.
      const auto reading = cluster.open(node);
      std::jthread later([&] { delay(*store, name, Due{true, Millis(10)}); });
      Xreadgroup read = group_read(name, "c");
      read.block = Millis(0);
      CHECK(must(reading->run(read)).size() == 1);
      later.join();
      CHECK(must(store->run(Del{{name}})).value == 1);
      CHECK(delayed(*store, name).empty());
    }
    delay_an_hour(*store, "{t}a");
    must(store->run(Rename{"{t}a", "{t}b"}));
    CHECK(delayed(*store, "{t}b").size() == 1);
    CHECK(must(store->run(Keys{})).names == std::vector<std::string>{"{t}b"});
  }
}

TEST_CASE("In a cluster all or none are delayed only in one slot", "[cluster]") {
  const ThreeNodes cluster;
  const auto store = cluster.open(0);
  const std::vector<Xadd> entries{entry_of("a", {}), entry_of("b", {})};
  const auto refused = delaying(*store).delay(entries, Due{true, kHour});
  CHECK_THAT(refusal(refused), Catch::Matchers::StartsWith("CROSSSLOT"));
  CHECK(delayed(*store, "a").empty());
}

}  // namespace weir::test
