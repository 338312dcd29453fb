// Workers take messages under terms that hold for a whole group.
#include <thread>

#include "contract/taking.h"
#include "system/clock.h"

namespace weir::test {

TEST_CASE("Of messages with one value one is given out at a time, in their order", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  make_group(store);
  for (const std::uint64_t ms : {1U, 2U, 3U}) {
    add_for(store, "ann", ms);
  }
  add_for(store, "bob", 4);
  Ration ration = one_of("w", serial());
  ration.want = 9;
  CHECK(taken(store, ration) == Ids{1, 4});
  CHECK(taken(store, ration).empty());
  SECTION("the next when the one before is acknowledged, whoever does so") {
    acknowledge(store, 1);
    CHECK(taken(store, ration) == Ids{2});
    acknowledge(store, 2);
    CHECK(taken(store, ration) == Ids{3});
  }
  SECTION("not while the one before waits for its next delivery") {
    must(store.run(giving_back(1, std::chrono::hours(1))));
    const Rationed none = take(store, ration);
    CHECK(none.messages.empty());
    CHECK(none.more);
    CHECK(none.next.value_or(Millis(0)) > std::chrono::minutes(59));
    must(store.run(giving_back(1, Millis(0))));
    CHECK(taken(store, ration) == Ids{1});
  }
  SECTION("at once where the one before is deleted while it waits for its next delivery") {
    must(store.run(giving_back(1, std::chrono::hours(1))));
    CHECK(must(store.run(Xdel{"s", {{1, 0}}})).value == 1);
    CHECK(taken(store, ration) == Ids{2});
  }
  SECTION("nor does a new one wait for one that was deleted so") {
    must(store.run(giving_back(4, std::chrono::hours(1))));
    CHECK(must(store.run(Xdel{"s", {{4, 0}}})).value == 1);
    add_for(store, "bob", 5);
    CHECK(taken(store, ration) == Ids{5});
  }
  SECTION("not where the one before is deleted while somebody holds it") {
    CHECK(must(store.run(Xdel{"s", {{1, 0}}})).value == 1);
    CHECK(taken(store, ration).empty());
  }
  SECTION("not if one that waits is given back by hand") {
    must(store.run(giving_back(3, Millis(0))));
    CHECK(taken(store, ration).empty());
    acknowledge(store, 1);
    CHECK(taken(store, ration) == Ids{2});
  }
  SECTION("one that was deleted while it waited holds up nobody") {
    CHECK(must(store.run(Xdel{"s", {{2, 0}}})).value == 1);
    acknowledge(store, 1);
    CHECK(taken(store, ration) == Ids{3});
  }
  SECTION("what waits is held by nobody, and in turn") {
    Xpending look;
    look.stream = "s";
    look.group = "g";
    look.count = 9;
    const auto entries = must(store.run(look)).entries;
    REQUIRE(entries.size() == 4);
    CHECK(entries[1].released.value_or(Released()).left == kWaitsForAnother);
    CHECK(entries[1].deliveries == 0);
    CHECK(entries[1].consumer.empty());
  }
  SECTION("another group has an order of its own") {
    XgroupCreate create;
    create.stream = "s";
    create.group = "h";
    create.start = kMinId;
    must(store.run(create));
    Ration other = ration;
    other.group = "h";
    CHECK(taken(store, other) == Ids{1, 4});
  }
}

TEST_CASE("What was pending before has its place in the order of values", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  make_group(store);
  for (std::uint64_t ms = 1; ms <= 6; ++ms) {
    add_for(store, ms == 4 ? "bob" : "ann", ms);
  }
  must(store.run(group_read("s", "reader", std::nullopt, 3)));
  must(store.run(giving_back(2, Millis(0))));
  must(store.run(giving_back(3, Millis(0))));
  Ration ration = one_of("w", serial());
  ration.want = 9;
  CHECK(taken(store, ration) == Ids{4});
  acknowledge(store, 1);
  CHECK(taken(store, ration) == Ids{2});
  SECTION("also when they are taken by another field") {
    ration.terms.serial = "other";
    acknowledge(store, 2);
    Ids all;
    for (int times = 0; times < 3; ++times) {  // on a server what waits goes on doing so
      for (const std::uint64_t ms : taken(store, ration)) {
        all.push_back(ms);
        acknowledge(store, ms);
      }
    }
    CHECK(all == Ids{3, 5, 6});
  }
  SECTION("and each in its turn") {
    acknowledge(store, 2);
    CHECK(taken(store, ration) == Ids{3});
    acknowledge(store, 3);
    CHECK(taken(store, ration) == Ids{5});
  }
}

TEST_CASE("What has to wait for others holds up nothing that may run", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  make_group(store);
  constexpr std::uint64_t kMany = 900;
  for (std::uint64_t ms = 1; ms <= kMany; ++ms) {
    add_for(store, "ann", ms);
  }
  add_for(store, "bob", kMany + 1);
  add_for(store, "cid", kMany + 2);
  must(store.run(group_read("s", "reader", std::nullopt, kMany + 2)));
  Xnack back = giving_back(2, Millis(0));
  for (std::uint64_t ms = 3; ms <= kMany + 2; ++ms) {
    back.ids.push_back({ms, 0});
  }
  must(store.run(back));
  Ration ration = one_of("w", serial());
  CHECK(taken(store, ration) == Ids{kMany + 1});
  CHECK(taken(store, ration) == Ids{kMany + 2});
  CHECK(taken(store, ration).empty());
  acknowledge(store, 1);
  CHECK(taken(store, ration) == Ids{2});
}

TEST_CASE("What a consumer held that died is taken over, and counts as held until then", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  make_group(store);
  add_for(store, "ann", 1);
  add_for(store, "bob", 2);
  Terms terms;
  terms.held = 1;
  CHECK(taken(store, one_of("dead", terms)) == Ids{1});
  Ration ration = one_of("w", terms);
  CHECK(taken(store, ration).empty());
  ration.idle = Millis(0);
  const Rationed again = take(store, ration);
  REQUIRE(again.messages.size() == 1);
  CHECK(again.messages[0].previous_owner == "dead");
  CHECK(again.messages[0].entry.deliveries == 2);
  acknowledge(store, 1);
  ration.idle.reset();
  CHECK(taken(store, ration) == Ids{2});
}

TEST_CASE("Who was given nothing is woken when that changes", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  make_group(store);
  add_for(store, "ann", 1);
  add_for(store, "ann", 2);
  const auto other = engine.another();
  Ration theirs = one_of("other", serial());
  CHECK(taken(*other, theirs) == Ids{1});
  const Ration ration = one_of("w", serial());
  CHECK(taken(store, ration).empty());
  auto& rationing = dynamic_cast<Rationing&>(store);
  const auto woken_by = [&](auto&& change) {
    std::thread changing(change);
    const Deadline deadline = Deadline::after(std::chrono::seconds(30));
    Ids ids;
    while (ids.empty() && !deadline.passed()) {
      CHECK(must(rationing.await_more(deadline.left(std::chrono::seconds(30)))));
      ids = taken(store, ration);
    }
    CHECK_FALSE(deadline.passed());
    changing.join();
    return ids;
  };
  SECTION("by what another settles") {
    CHECK(woken_by([&] {
            const Request done = acknowledgement(1);
            must(other->transact(std::span(&done, 1), Store::OnRefusal::go_on));
          }) == Ids{2});
  }
  SECTION("by what is new") {
    CHECK(woken_by([&] { add_for(*other, "bob", 3); }) == Ids{3});
  }
  SECTION("by what happened before it waited") {
    add_for(*other, "bob", 3);
    CHECK(woken_by([] {}) == Ids{3});
  }
}

TEST_CASE("Where an answer of the server was lost, what it gave is taken again, uncounted", "[server]") {
  const Server server;
  const auto store = open_at(server);
  make_group(*store);
  add_for(*store, "ann", 1);
  add_for(*store, "ann", 2);
  Ration ration = one_of("w", serial());
  CHECK(taken(*store, ration) == Ids{1});
  std::this_thread::sleep_for(Millis(30));
  ration.strays = Millis(5);  // that one came before
  CHECK(taken(*store, ration).empty());
  ration.strays = Millis(60'000);
  const Rationed again = take(*store, ration);
  REQUIRE(again.messages.size() == 1);
  CHECK(again.messages[0].entry.id == Id{1, 0});
  CHECK(again.messages[0].entry.deliveries == 1);
  ration.held["s"] = {{1, 0}};
  CHECK(taken(*store, ration).empty());
}

TEST_CASE("Where what is kept beside a stream is lost or changed, nothing waits for ever", "[server]") {
  Server server;
  const auto store = open_at(server);
  make_group(*store);
  for (const std::uint64_t ms : {1U, 2U, 3U}) {
    add_for(*store, "ann", ms);
  }
  Ration ration = one_of("w", serial());
  CHECK(taken(*store, ration) == Ids{1});
  ration.want = 9;
  CHECK(taken(*store, ration).empty());
  SECTION("the order") {
    server.ask("DEL weir:serial:{s}s");
    acknowledge(*store, 1);
    CHECK(taken(*store, ration) == Ids{2});
    acknowledge(*store, 2);
    CHECK(taken(*store, ration) == Ids{3});
  }
  SECTION("the group") {
    server.ask("XGROUP DESTROY s g");
    server.ask("XGROUP CREATE s g 0");
    CHECK(taken(*store, ration) == Ids{1});
  }
  SECTION("the stream") {
    CHECK(must(store->run(Del{{"s"}})).value == 1);
    CHECK(server.ask("EXISTS weir:serial:{s}s weir:outcome:{s}s weir:pace:{s}s").find(":0") != std::string::npos);
  }
}

TEST_CASE("What makes terms impossible on a server is said in a line", "[server]") {
  Server server;
  const auto store = open_at(server);
  make_group(*store);
  auto& rationing = dynamic_cast<Rationing&>(*store);
  for (const char* purpose : {"serial", "outcome", "pace", "pause"}) {
    const std::string key = std::string("weir:") + purpose + ":{s}s";
    server.ask("SET " + key + " x");
    const auto refused = rationing.take(one_of("w", serial()));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message ==
          "WRONGTYPE " + key + ", where weir keeps what it knows of groups, holds something else");
    server.ask("DEL " + key);
  }
  Ration missing = one_of("w", serial());
  missing.group = "none";
  CHECK(rationing.take(missing).error().message ==
        "NOGROUP No such key 's' or consumer group 'none' in XREADGROUP with GROUP option");
  server.ask("ACL SETUSER default resetkeys ~s");
  const auto forbidden = rationing.take(one_of("w", serial()));
  REQUIRE_FALSE(forbidden);
  CHECK(forbidden.error().message.starts_with("NOPERM"));
}

}  // namespace weir::test
