// Of messages with one value one runs at a time, also where an earlier one is pending again while a later one runs.
#include "contract/taking.h"

namespace weir::test {
namespace {

/// What `dead requeue` does: a message that was done is pending again.
void put_back(Store& store, std::uint64_t ms) {
  Xnack nack = giving_back(ms, Millis(0));
  nack.force = true;
  nack.only_there = true;
  CHECK(must(store.run(nack)).value == 1);
}

}  // namespace

TEST_CASE("What is put back while a later message of its value runs waits for that one", "[contract]") {
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
  acknowledge(store, 1);
  CHECK(taken(store, ration) == Ids{2});
  acknowledge(store, 2);
  CHECK(taken(store, ration) == Ids{3});
  put_back(store, 2);
  put_back(store, 1);
  add_for(store, "ann", 5);
  const Rationed none = take(store, ration);
  CHECK(none.messages.empty());
  CHECK_FALSE(none.next);  // a time would have a waiting worker look again and again
  SECTION("until that one is done; they run in their order, and before new ones") {
    acknowledge(store, 3);
    CHECK(taken(store, ration) == Ids{1});
    CHECK(taken(store, ration).empty());
    acknowledge(store, 1);
    CHECK(taken(store, ration) == Ids{2});
    CHECK(taken(store, ration).empty());
    acknowledge(store, 2);
    CHECK(taken(store, ration) == Ids{5});
  }
  SECTION("until that one is given back, and then that one waits for them") {
    must(store.run(giving_back(3, Millis(0))));
    CHECK(taken(store, ration) == Ids{1});
    acknowledge(store, 1);
    CHECK(taken(store, ration) == Ids{2});
    acknowledge(store, 2);
    CHECK(taken(store, ration) == Ids{3});
    acknowledge(store, 3);
    CHECK(taken(store, ration) == Ids{5});
  }
  SECTION("until that one waits for its next delivery") {
    must(store.run(giving_back(3, std::chrono::hours(1))));
    CHECK(taken(store, ration) == Ids{1});
  }
  SECTION("also where another takes that one over") {
    Ration heir = one_of("heir", serial());
    heir.want = 9;
    heir.idle = Millis(0);
    CHECK(taken(store, heir) == Ids{3, 4});
    CHECK(taken(store, ration).empty());
    acknowledge(store, 3);
    CHECK(taken(store, ration) == Ids{1});
  }
  SECTION("until who holds that one is removed") {
    XgroupDelConsumer removal;
    removal.stream = "s";
    removal.group = "g";
    removal.consumer = "w";
    must(store.run(removal));
    CHECK(taken(store, ration) == Ids{1});
  }
  SECTION("also when it is given back by hand") {
    must(store.run(giving_back(1, Millis(0))));
    CHECK(taken(store, ration).empty());
    acknowledge(store, 3);
    CHECK(taken(store, ration) == Ids{1});
  }
  SECTION("and holds up nobody if it is deleted meanwhile") {
    CHECK(must(store.run(Xdel{"s", {{1, 0}}})).value == 1);
    CHECK(taken(store, ration).empty());
    acknowledge(store, 3);
    CHECK(taken(store, ration) == Ids{2});
  }
  SECTION("and holds up no other value, and no message without one, however few are wanted") {
    acknowledge(store, 4);
    put_back(store, 4);
    must(store.run(Xadd{"s", exactly({6, 0}), fields({{"n", "1"}}), true, std::nullopt}));
    ration.want = 1;
    CHECK(taken(store, ration) == Ids{4});
    CHECK(taken(store, ration) == Ids{6});
    CHECK(taken(store, ration).empty());
  }
  SECTION("also where more is held, or more waits") {
    const bool more_waits = GENERATE(false, true);
    ration.want = 20;
    for (std::uint64_t ms = 11; ms <= 20; ++ms) {
      add_for(store, more_waits ? "ann" : std::to_string(ms), ms);
    }
    CHECK(taken(store, ration).size() == (more_waits ? 0 : 10));
    CHECK(taken(store, ration).empty());
    acknowledge(store, 3);
    CHECK(taken(store, ration) == Ids{1});
  }
}

}  // namespace weir::test
