// Groups: what both engines must do.
#include <algorithm>
#include <map>

#include "contract/helpers.h"
#include "stream/receiving.h"

namespace weir::test {

TEST_CASE("A group begins where it is told to", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}});
  make_group(engine.store(), "s", "g", {1, 1});
  CHECK(deliver(engine.store(), "s", "c") == std::vector<Id>{{2, 1}});
  must(engine->run(XgroupCreate{"s", "end", std::nullopt, false, std::nullopt, false}));
  CHECK(must(engine->run(XinfoGroups{"s"})).groups[0].last_delivered_id == Id{2, 1});
}

TEST_CASE("A group needs a stream, and a name of its own", "[contract]") {
  ON_EVERY_ENGINE(engine);
  CHECK_THAT(refusal(engine->run(XgroupCreate{"s", "g", Id{}, false, std::nullopt, false})),
             Catch::Matchers::StartsWith("ERR The XGROUP subcommand requires the key to exist"));
  make_group(engine.store(), "s", "g");
  CHECK(must(engine->run(Xlen{"s"})).value == 0);
  CHECK(refusal(engine->run(XgroupCreate{"s", "g", Id{}, false, std::nullopt, false})) ==
        "BUSYGROUP Consumer Group name already exists");
  must(engine->run(XgroupCreate{"s", "g", Id{7, 7}, false, std::nullopt, true}));
  CHECK(must(engine->run(XinfoGroups{"s"})).groups[0].last_delivered_id == kMinId);
}

TEST_CASE("What is delivered is pending, and is delivered to nobody else of the group", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}, {3, 1}});
  make_group(engine.store(), "s", "g");
  CHECK(deliver(engine.store(), "s", "x", 2) == std::vector<Id>{{1, 1}, {2, 1}});
  CHECK(deliver(engine.store(), "s", "y", 2) == std::vector<Id>{{3, 1}});
  CHECK(deliver(engine.store(), "s", "y").empty());
  const auto summary = must(engine->run(XpendingSummary{"s", "g"}));
  CHECK(summary.count == 3);
  CHECK(summary.first == Id{1, 1});
  CHECK(summary.last == Id{3, 1});
  REQUIRE(summary.consumers.size() == 2);
  CHECK(summary.consumers[0].name == "x");
  CHECK(summary.consumers[0].pending == 2);
  CHECK(must(engine->run(Xack{"s", "g", {{1, 1}, {1, 1}, {9, 9}}, std::nullopt, false})).value == 1);
  CHECK(pending(engine.store(), "s").size() == 2);
}

TEST_CASE("Of many that are acknowledged at once those count that are pending, each once", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Id> all;
  for (std::uint64_t i = 1; i <= 60; ++i) {
    all.push_back({i, 1});
  }
  const auto from = [&](std::size_t first, std::size_t end) {
    return std::vector<Id>(all.begin() + static_cast<std::ptrdiff_t>(first),
                           all.begin() + static_cast<std::ptrdiff_t>(end));
  };
  add_all(engine.store(), "s", all);
  make_group(engine.store(), "s", "g");
  deliver(engine.store(), "s", "x", 40);
  deliver(engine.store(), "s", "y", 20);
  const auto acknowledge = [&](std::vector<Id> ids, std::optional<std::string> owner = std::nullopt) {
    return must(engine->run(Xack{"s", "g", std::move(ids), std::move(owner), false})).value;
  };
  const auto held = [&] {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& consumer : must(engine->run(XpendingSummary{"s", "g"})).consumers) {
      counts[consumer.name] = consumer.pending;
    }
    return counts;
  };
  using Held = std::map<std::string, std::uint64_t>;
  CHECK(acknowledge(from(0, 10)) == 10);
  CHECK(held() == Held{{"x", 30}, {"y", 20}});
  CHECK(acknowledge(from(0, 10)) == 0);
  CHECK(acknowledge(from(5, 15)) == 5);  // half of them are done
  CHECK(acknowledge(from(15, 25), "y") == 0);
  CHECK(held() == Held{{"x", 25}, {"y", 20}});
  std::vector<Id> twice = from(15, 25);
  twice.insert(twice.begin() + 4, twice[4]);
  CHECK(acknowledge(twice) == 10);
  std::vector<Id> with_gap = from(25, 35);
  with_gap.erase(with_gap.begin() + 5);
  CHECK(acknowledge(with_gap, "x") == 9);
  CHECK(pending(engine.store(), "s").front().id == Id{31, 1});
  CHECK(acknowledge(from(35, 45)) == 10);  // of two consumers
  CHECK(held() == Held{{"x", 1}, {"y", 15}});
  std::vector<Id> backwards = from(45, 60);
  std::reverse(backwards.begin(), backwards.end());
  CHECK(acknowledge(backwards) == 15);
  CHECK(held() == Held{{"x", 1}});
}

TEST_CASE("Many of the highest IDs are acknowledged at once, and those that nobody holds", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Id> all;
  all.reserve(30);
  for (std::uint64_t i = 0; i < 30; ++i) {
    all.push_back({kMaxPart - 30 + i / 2, kMaxPart - 2 + i % 2});
  }
  add_all(engine.store(), "s", all);
  make_group(engine.store(), "s", "g");
  deliver(engine.store(), "s", "x");
  must(engine->run(Xnack{"s", "g", Xnack::Blame::fail, {all[3], all[4], all[23]}, {}, true, {}, Millis(0)}));
  const auto acknowledge = [&](int first, int end, std::optional<std::string> owner) {
    return must(engine->run(Xack{"s", "g", {all.begin() + first, all.begin() + end}, std::move(owner), false})).value;
  };
  CHECK(acknowledge(0, 18, "x") == 16);
  std::vector<Id> left;
  for (const PendingEntry& entry : pending(engine.store(), "s")) {
    left.push_back(entry.id);
  }
  std::vector<Id> expected{all[3], all[4]};
  expected.insert(expected.end(), all.begin() + 18, all.end());
  CHECK(left == expected);
  CHECK(acknowledge(18, 30, std::nullopt) == 12);
  const auto summary = must(engine->run(XpendingSummary{"s", "g"}));
  CHECK(summary.count == 2);
  CHECK(summary.consumers.empty());
}

TEST_CASE("Who acknowledges all that is pending at once leaves nothing, and what is pending elsewhere", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Id> all;
  for (std::uint64_t i = 1; i <= 30; ++i) {
    all.push_back({i, i % 3});
  }
  add_all(engine.store(), "s", all);
  for (const char* group : {"before", "g", "after"}) {
    make_group(engine.store(), "s", group);
  }
  const auto held = [&](const char* group) {
    std::map<std::string, std::uint64_t> each;
    for (const auto& consumer : must(engine->run(XpendingSummary{"s", group})).consumers) {
      each[consumer.name] = consumer.pending;
    }
    return each;
  };
  using Held = std::map<std::string, std::uint64_t>;
  const auto acknowledge = [&](const char* group, std::optional<std::string> owner) {
    return must(engine->run(Xack{"s", group, all, std::move(owner), false})).value;
  };
  const auto deliver_to = [&](const char* group, const char* consumer, std::uint64_t count) {
    Xreadgroup request;
    request.group = group;
    request.consumer = consumer;
    request.count = count;
    request.sources.push_back({"s", std::nullopt});
    must(engine->run(request));
  };
  deliver_to("g", "x", 20);
  deliver_to("g", "y", 10);
  CHECK(acknowledge("g", "x") == 20);
  CHECK(held("g") == Held{{"y", 10}});
  const std::string neighbour = GENERATE("before", "after");
  deliver_to(neighbour.c_str(), "z", 1);
  CHECK(acknowledge("g", std::nullopt) == 10);
  CHECK(held("g").empty());
  CHECK(held(neighbour.c_str()) == Held{{"z", 1}});
  CHECK(acknowledge("g", std::nullopt) == 0);
  must(engine->run(XgroupSetid{"s", "g", kMinId, std::nullopt}));
  must(engine->run(Xack{"s", neighbour, {all.front()}, std::nullopt, false}));
  deliver_to("g", "x", 15);
  deliver_to("g", "y", 15);
  CHECK(acknowledge("g", std::nullopt) == 30);
  CHECK(held("g").empty());
  CHECK(acknowledge("g", std::nullopt) == 0);
}

TEST_CASE("NOACK delivers, and leaves nothing pending", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}});
  make_group(engine.store(), "s", "g");
  Xreadgroup read = group_read("s", "x");
  read.noack = true;
  CHECK(must(engine->run(read))[0].entries.size() == 2);
  CHECK(pending(engine.store(), "s").empty());
  const auto group = must(engine->run(XinfoGroups{"s"})).groups[0];
  CHECK(group.last_delivered_id == Id{2, 1});
  CHECK(group.entries_read == 2);
  CHECK(group.lag == 0);
}

TEST_CASE("History is the consumer's own, counts a delivery, and shows what was deleted", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}, {3, 1}});
  make_group(engine.store(), "s", "g");
  deliver(engine.store(), "s", "x", 2);
  deliver(engine.store(), "s", "y");
  must(engine->run(Xdel{"s", {{1, 1}}}));
  const auto streams = must(engine->run(group_read("s", "x", Id{})));
  REQUIRE(streams.size() == 1);
  REQUIRE(streams[0].entries.size() == 2);
  CHECK(streams[0].entries[0].id == Id{1, 1});
  CHECK(!streams[0].entries[0].fields);
  CHECK(streams[0].entries[0].deliveries == 1);
  CHECK(streams[0].entries[1].fields);
  CHECK(streams[0].entries[1].deliveries == 2);
  CHECK(ids_of(must(engine->run(group_read("s", "x", Id{1, 1})))[0].entries) == std::vector<Id>{{2, 1}});
  const auto none = must(engine->run(group_read("s", "x", kMaxId)));
  REQUIRE(none.size() == 1);
  CHECK(none[0].entries.empty());
}

TEST_CASE("What is delivered again after SETID backwards changes hands, and counts from 1", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add(engine.store(), "s", {1, 1});
  make_group(engine.store(), "s", "g");
  deliver(engine.store(), "s", "x");
  must(engine->run(group_read("s", "x", Id{})));
  must(engine->run(XgroupSetid{"s", "g", Id{}, std::nullopt}));
  CHECK(!must(engine->run(XinfoGroups{"s"})).groups[0].entries_read);
  CHECK(deliver(engine.store(), "s", "y") == std::vector<Id>{{1, 1}});
  const auto now = pending(engine.store(), "s");
  REQUIRE(now.size() == 1);
  CHECK(now[0].consumer == "y");
  CHECK(now[0].deliveries == 1);
}

TEST_CASE("Of many that are delivered at once, those that somebody holds already change hands", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Id> all;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    all.push_back({i, 1});
  }
  add_all(engine.store(), "s", all);
  make_group(engine.store(), "s", "g");
  const auto take = [&](const std::string& consumer, std::ptrdiff_t first, std::ptrdiff_t end) {
    CHECK(deliver(engine.store(), "s", consumer, end - first) == std::vector(all.begin() + first, all.begin() + end));
  };
  const auto go_back = [&] { must(engine->run(XgroupSetid{"s", "g", kMinId, std::nullopt})); };
  take("x", 0, 40);
  CHECK(must(engine->run(Xack{"s", "g", std::vector(all.begin(), all.begin() + 5), std::nullopt, false})).value == 5);
  go_back();
  take("y", 0, 20);
  take("y", 20, 30);
  take("z", 30, 60);  // ten of x, and twenty that nobody had
  take("x", 60, 100);
  const auto held = pending(engine.store(), "s");
  REQUIRE(held.size() == 100);
  for (std::size_t i = 0; i < held.size(); ++i) {
    INFO(i);
    CHECK(held[i].id == all[i]);
    CHECK(held[i].consumer == (i < 30 ? "y" : i < 60 ? "z" : "x"));
    CHECK(held[i].deliveries == 1);
  }
  std::map<std::string, std::uint64_t> counts;
  for (const auto& consumer : must(engine->run(XpendingSummary{"s", "g"})).consumers) {
    counts[consumer.name] = consumer.pending;
  }
  CHECK(counts == std::map<std::string, std::uint64_t>{{"x", 40}, {"y", 30}, {"z", 30}});
}

TEST_CASE("A consumer that is deleted takes what it held with it", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}});
  make_group(engine.store(), "s", "g");
  CHECK(must(engine->run(XgroupCreateConsumer{"s", "g", "x"})).value == 1);
  CHECK(must(engine->run(XgroupCreateConsumer{"s", "g", "x"})).value == 0);
  deliver(engine.store(), "s", "x");
  must(engine->run(XgroupDelConsumer{"s", "g", "x", true}));
  CHECK(must(engine->run(XpendingSummary{"s", "g"})).count == 2);
  CHECK(must(engine->run(XgroupDelConsumer{"s", "g", "x"})).value == 2);
  CHECK(must(engine->run(XgroupDelConsumer{"s", "g", "x"})).value == 0);
  CHECK(pending(engine.store(), "s").empty());
  CHECK(must(engine->run(XinfoConsumers{"s", "g"})).consumers.empty());
}

TEST_CASE("A destroyed group is gone, and the stream is not", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add(engine.store(), "s", {1, 1});
  make_group(engine.store(), "s", "g");
  CHECK(must(engine->run(XgroupDestroy{"s", "g"})).value == 1);
  CHECK(must(engine->run(XgroupDestroy{"s", "g"})).value == 0);
  CHECK(must(engine->run(Xlen{"s"})).value == 1);
}

TEST_CASE("A missing stream or group is refused, where it matters, with Redis's words", "[contract]") {
  ON_EVERY_ENGINE(engine);
  const std::string none = "NOGROUP No such key 's' or consumer group 'g'";
  CHECK(refusal(engine->run(group_read("s", "c"))) == none + " in XREADGROUP with GROUP option");
  CHECK(refusal(engine->run(XpendingSummary{"s", "g"})) == none);
  CHECK(refusal(engine->run(claim("s", "c", {{1, 1}}))) == none);
  CHECK(refusal(engine->run(Xautoclaim{"s", "g", "c", Millis(0), kMinId, 100, false})) == none);
  CHECK(refusal(engine->run(XinfoStream{"s"})) == "ERR no such key");
  CHECK(refusal(engine->run(XinfoGroups{"s"})) == "ERR no such key");
  CHECK(must(engine->run(Xack{"s", "g", {{1, 1}}, std::nullopt, false})).value == 0);
  add(engine.store(), "s", {1, 1});
  CHECK(refusal(engine->run(XgroupSetid{"s", "g", Id{}, std::nullopt})) ==
        "NOGROUP No such consumer group 'g' for key name 's'");
  CHECK(refusal(engine->run(XinfoConsumers{"s", "g"})) == "NOGROUP No such consumer group 'g' for key name 's'");
  CHECK(must(engine->run(Xack{"s", "g", {{1, 1}}, std::nullopt, false})).value == 0);
}

TEST_CASE("What is pending can be listed by range, idle time, count and consumer", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}, {3, 1}});
  make_group(engine.store(), "s", "g");
  deliver(engine.store(), "s", "x", 2);
  deliver(engine.store(), "s", "y");
  const auto list = [&](const Xpending& request) {
    std::vector<Id> ids;
    for (const auto& entry : must(engine->run(request)).entries) {
      ids.push_back(entry.id);
    }
    return ids;
  };
  CHECK(list({"s", "g", Millis(0), {2, 0}, kMaxId, 10, std::nullopt}) == std::vector<Id>{{2, 1}, {3, 1}});
  CHECK(list({"s", "g", Millis(0), kMinId, kMaxId, 1, std::nullopt}) == std::vector<Id>{{1, 1}});
  CHECK(list({"s", "g", Millis(0), kMinId, kMaxId, 10, "y"}) == std::vector<Id>{{3, 1}});
  CHECK(list({"s", "g", Millis(0), kMinId, kMaxId, 10, "nobody"}).empty());
  CHECK(list({"s", "g", Millis(0), kMinId, kMaxId, 0, std::nullopt}).empty());
  CHECK(list({"s", "g", Millis(3'600'000), kMinId, kMaxId, 10, std::nullopt}).empty());
}

TEST_CASE("An owner acknowledges only what is still its own", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}});
  make_group(engine.store(), "s", "g");
  deliver(engine.store(), "s", "x");
  must(engine->run(claim("s", "y", {{2, 1}})));
  const Xack all{"s", "g", {{1, 1}, {2, 1}}, "x", true};
  CHECK(refusal(engine->run(all)) == "NOTOWNED 2-1 is no longer pending for consumer 'x'");
  CHECK(pending(engine.store(), "s").size() == 2);
  CHECK(must(engine->run(Xack{"s", "g", {{1, 1}, {2, 1}}, "x", false})).value == 1);
  CHECK(must(engine->run(Xack{"s", "g", {{2, 1}}, "nobody", false})).value == 0);
  CHECK(must(engine->run(Xack{"s", "g", {{2, 1}}, "y", true})).value == 1);
  CHECK(refusal(engine->run(Xack{"s", "g", {{2, 1}}, std::nullopt, true})) == "NOTOWNED 2-1 is no longer pending");
}

TEST_CASE("What was read from one stream is not acknowledged in another that has its name now", "[contract]") {
  ON_EVERY_ENGINE(engine);
  auto& receiving = dynamic_cast<Receiving&>(engine.store());
  for (const char* stream : {"s", "t"}) {
    add_all(engine.store(), stream, {{1, 1}, {2, 1}});
    make_group(engine.store(), stream, "g");
    deliver(engine.store(), stream, "x");
  }
  const std::string name = must(receiving.source_name("s"));
  CHECK(must(receiving.acknowledge_source(name, Xack{"s", "g", {{1, 1}}, {}, false})));
  CHECK(pending(engine.store(), "s").size() == 1);
  must(engine->run(Rename{"s", "moved"}));
  CHECK_FALSE(must(receiving.acknowledge_source(name, Xack{"s", "g", {{2, 1}}, {}, false})));
  must(engine->run(Rename{"t", "s"}));
  CHECK_FALSE(must(receiving.acknowledge_source(name, Xack{"s", "g", {{2, 1}}, {}, false})));
  CHECK(pending(engine.store(), "s").size() == 2);
  CHECK(must(receiving.acknowledge_source(name, Xack{"moved", "g", {{2, 1}}, {}, false})));
  CHECK(pending(engine.store(), "moved").empty());
}

TEST_CASE("The lag is what is not read yet, and nothing where that is not known", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}, {3, 1}});
  make_group(engine.store(), "s", "g");
  const auto lag = [&] { return must(engine->run(XinfoGroups{"s"})).groups[0].lag; };
  CHECK(lag() == 3);
  deliver(engine.store(), "s", "x", 1);
  CHECK(lag() == 2);
  must(engine->run(XgroupSetid{"s", "g", Id{2, 0}, std::nullopt}));
  CHECK(!lag());
  deliver(engine.store(), "s", "x");
  CHECK(lag() == 0);
}

}  // namespace weir::test
