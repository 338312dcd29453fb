// KEEPREF, DELREF and ACKED: what both engines must do. On a server before Redis 8.2, weir's script provides XDELEX and
// XACKDEL.
#include "contract/helpers.h"

namespace weir::test {
namespace {

using Outcome = Outcomes::Outcome;

void give(Store& store, const std::string& group, std::uint64_t count) {
  Xreadgroup read;
  read.group = group;
  read.consumer = "x";
  read.count = count;
  read.sources.push_back({"s", std::nullopt});
  must(store.run(read));
}

void acknowledge(Store& store, const std::string& group, std::vector<Id> ids) {
  must(store.run(Xack{"s", group, std::move(ids), std::nullopt, false}));
}

/// Four entries. To "a" three were given, and acknowledged; to "b" two, of which it has acknowledged the first.
void two_groups(Store& store) {
  add_all(store, "s", {{1, 1}, {2, 1}, {3, 1}, {10, 1}});
  for (const char* group : {"a", "b"}) {
    make_group(store, "s", group);
  }
  give(store, "a", 3);
  acknowledge(store, "a", {{1, 1}, {2, 1}, {3, 1}});
  give(store, "b", 2);
  acknowledge(store, "b", {{1, 1}});
}

std::vector<Outcome> removed(Store& store, std::vector<Id> ids, References references) {
  return must(store.run(Xdelex{"s", std::move(ids), references})).outcomes;
}

std::vector<Outcome> done(Store& store, const std::string& group, std::vector<Id> ids, References references) {
  return must(store.run(Xackdel{"s", group, std::move(ids), references})).outcomes;
}

std::uint64_t pending_in(Store& store, const std::string& group) {
  return must(store.run(XpendingSummary{"s", group})).count;
}

}  // namespace

TEST_CASE("ACKED removes only what every group was given and has acknowledged", "[contract]") {
  ON_EVERY_ENGINE(engine);
  two_groups(engine.store());
  CHECK(removed(engine.store(), {{1, 1}, {2, 1}, {3, 1}, {10, 1}, {77, 7}}, References::acked) ==
        std::vector<Outcome>{Outcome::removed, Outcome::referenced, Outcome::referenced, Outcome::referenced,
                             Outcome::referenced});
  CHECK(range(engine.store(), "s") == std::vector<Id>{{2, 1}, {3, 1}, {10, 1}});
  CHECK(removed(engine.store(), {{1, 1}}, References::acked) == std::vector<Outcome>{Outcome::absent});
}

TEST_CASE("KEEPREF leaves what is pending, DELREF removes it from every group", "[contract]") {
  ON_EVERY_ENGINE(engine);
  two_groups(engine.store());
  CHECK(removed(engine.store(), {{2, 1}}, References::keep) == std::vector<Outcome>{Outcome::removed});
  CHECK(pending_in(engine.store(), "b") == 1);
  CHECK(removed(engine.store(), {{2, 1}, {3, 1}}, References::remove) ==
        std::vector<Outcome>{Outcome::absent, Outcome::removed});
  CHECK(pending_in(engine.store(), "b") == 0);
  CHECK(range(engine.store(), "s") == std::vector<Id>{{1, 1}, {10, 1}});
}

TEST_CASE("XACKDEL acknowledges for one group, and removes what no other refers to", "[contract]") {
  ON_EVERY_ENGINE(engine);
  two_groups(engine.store());
  CHECK(done(engine.store(), "a", {{2, 1}}, References::keep) == std::vector<Outcome>{Outcome::absent});
  CHECK(done(engine.store(), "b", {{2, 1}, {2, 1}}, References::acked) ==
        std::vector<Outcome>{Outcome::removed, Outcome::absent});
  CHECK(range(engine.store(), "s") == std::vector<Id>{{1, 1}, {3, 1}, {10, 1}});
  CHECK(pending_in(engine.store(), "b") == 0);
  must(engine->run(XgroupSetid{"s", "b", kMinId, std::nullopt}));
  give(engine.store(), "b", 9);
  // The other group has not been given the last one.
  CHECK(done(engine.store(), "b", {{3, 1}, {10, 1}}, References::acked) ==
        std::vector<Outcome>{Outcome::removed, Outcome::referenced});
  CHECK(range(engine.store(), "s") == std::vector<Id>{{1, 1}, {10, 1}});
}

TEST_CASE("Without a stream or a group there is nothing to remove, and no refusal", "[contract]") {
  ON_EVERY_ENGINE(engine);
  CHECK(removed(engine.store(), {{1, 1}, {2, 1}}, References::acked) ==
        std::vector<Outcome>{Outcome::absent, Outcome::absent});
  two_groups(engine.store());
  CHECK(done(engine.store(), "none", {{1, 1}}, References::keep) == std::vector<Outcome>{Outcome::absent});
  CHECK(range(engine.store(), "s").size() == 4);
}

}  // namespace weir::test
