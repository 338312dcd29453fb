// XCLAIM, XAUTOCLAIM, transactions and XINFO: what both engines must do.
#include "contract/helpers.h"

namespace weir::test {
namespace {

/// Three entries, all pending for "x".
void three_pending(Store& store) {
  add_all(store, "s", {{1, 1}, {2, 1}, {3, 1}});
  make_group(store, "s", "g");
  deliver(store, "s", "x");
}

Xautoclaim autoclaim(std::uint64_t count, Id start = kMinId, Millis min_idle = Millis(0)) {
  return Xautoclaim{"s", "g", "y", min_idle, start, count, false};
}

using Requests = std::vector<Request>;

}  // namespace

TEST_CASE("A claim moves what is pending, and counts a delivery", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  const auto claimed = must(engine->run(claim("s", "y", {{1, 1}, {9, 9}, {3, 1}})));
  CHECK(ids_of(claimed.entries) == std::vector<Id>{{1, 1}, {3, 1}});
  CHECK(claimed.entries[0].deliveries == 2);
  CHECK(claimed.entries[0].fields->json() == R"({"f":"v"})");
  CHECK(must(engine->run(claim("s", "y", {{1, 1}}))).entries[0].deliveries == 3);
  CHECK(pending(engine.store(), "s")[0].consumer == "y");
}

TEST_CASE("A claim of only IDs counts nothing", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  Xclaim request = claim("s", "y", {{1, 1}});
  request.just_id = true;
  const auto claimed = must(engine->run(request));
  CHECK(claimed.just_id);
  CHECK(ids_of(claimed.entries) == std::vector<Id>{{1, 1}});
  CHECK(pending(engine.store(), "s")[0].deliveries == 1);
}

TEST_CASE("A claim takes only what is idle enough, and sets what it is told", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  Xclaim request = claim("s", "y", {{1, 1}});
  request.min_idle = Millis(3'600'000);
  CHECK(must(engine->run(request)).entries.empty());
  Xclaim setting = claim("s", "x", {{1, 1}});
  setting.delivery_time = UnixMs(1000);
  setting.deliveries = 7;
  CHECK(must(engine->run(setting)).entries[0].deliveries == 7);
  CHECK(pending(engine.store(), "s")[0].idle > Millis(3'600'000));
  CHECK(must(engine->run(request)).entries[0].deliveries == 8);
}

TEST_CASE("A claim drops what was deleted, whoever held it", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  must(engine->run(Xdel{"s", {{1, 1}}}));
  Xclaim request = claim("s", "y", {{1, 1}, {2, 1}});
  request.min_idle = Millis(3'600'000);
  CHECK(must(engine->run(request)).entries.empty());
  CHECK(pending(engine.store(), "s").size() == 2);
}

TEST_CASE("FORCE makes pending what exists, without moving the group", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}});
  make_group(engine.store(), "s", "g");
  Xclaim request = claim("s", "y", {{2, 1}, {5, 5}});
  request.force = true;
  request.min_idle = Millis(3'600'000);
  const auto claimed = must(engine->run(request));
  CHECK(ids_of(claimed.entries) == std::vector<Id>{{2, 1}});
  CHECK(claimed.entries[0].deliveries == 2);
  CHECK(must(engine->run(XinfoGroups{"s"})).groups[0].last_delivered_id == kMinId);
  request.last_id = Id{1, 5};
  must(engine->run(request));
  CHECK(must(engine->run(XinfoGroups{"s"})).groups[0].last_delivered_id == Id{1, 5});
  request.last_id = Id{1, 1};
  must(engine->run(request));
  CHECK(must(engine->run(XinfoGroups{"s"})).groups[0].last_delivered_id == Id{1, 5});
}

TEST_CASE("An owner renews only what is still its own", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  must(engine->run(claim("s", "y", {{2, 1}})));
  Xclaim renewal = claim("s", "x", {{1, 1}, {2, 1}, {3, 1}});
  renewal.owner = "x";
  renewal.just_id = true;
  CHECK(ids_of(must(engine->run(renewal)).entries) == std::vector<Id>{{1, 1}, {3, 1}});
  CHECK(pending(engine.store(), "s")[1].consumer == "y");
  renewal.ids = {{2, 1}};
  CHECK(must(engine->run(renewal)).entries.empty());
  renewal.group = "none";
  CHECK_THAT(refusal(engine->run(renewal)), Catch::Matchers::StartsWith("NOGROUP"));
}

TEST_CASE("An owner renews and acknowledges as many as it holds", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Xadd> entries(9000, Xadd{"s", {}, fields({{"f", "v"}}), true, std::nullopt});
  append(engine.store(), entries);
  make_group(engine.store(), "s", "g");
  const std::vector<Id> ids = deliver(engine.store(), "s", "x");
  Xclaim renewal = claim("s", "x", ids);
  renewal.owner = "x";
  renewal.just_id = true;
  CHECK(ids_of(must(engine->run(renewal)).entries) == ids);
  CHECK(must(engine->run(Xack{"s", "g", ids, "x", true})).value == ids.size());
}

TEST_CASE("XAUTOCLAIM goes through the pending list, a piece at a time", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  const auto first = must(engine->run(autoclaim(2)));
  CHECK(ids_of(first.claimed.entries) == std::vector<Id>{{1, 1}, {2, 1}});
  CHECK(first.claimed.entries[0].deliveries == 2);
  CHECK(first.cursor == Id{3, 1});
  const auto second = must(engine->run(autoclaim(2, first.cursor)));
  CHECK(ids_of(second.claimed.entries) == std::vector<Id>{{3, 1}});
  CHECK(second.cursor == kMinId);
  CHECK(must(engine->run(autoclaim(5, kMinId, Millis(3'600'000)))).claimed.entries.empty());
}

TEST_CASE("XAUTOCLAIM drops deleted entries, which use up its count", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  must(engine->run(Xdel{"s", {{1, 1}, {2, 1}}}));
  const auto reply = must(engine->run(autoclaim(1)));
  CHECK(reply.cursor == Id{2, 1});
  CHECK(reply.claimed.entries.empty());
  CHECK(reply.deleted == std::vector<Id>{{1, 1}});
}

TEST_CASE("A transaction goes on past what is refused", "[contract]") {
  ON_EVERY_ENGINE(engine);
  const Xadd entry{"s", exactly({1, 1}), fields({{"a", "b"}}), true, std::nullopt};
  const auto replies = must(engine->transact(Requests{entry, entry, Xlen{"s"}}, Store::OnRefusal::go_on));
  REQUIRE(replies.size() == 3);
  CHECK(replies[0]);
  CHECK(!replies[1]);
  CHECK(std::get<Count>(*replies[2]).value == 1);
}

TEST_CASE("A transaction that is to be undone leaves nothing of it", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  const Xadd entry{"t", exactly({1, 1}), fields({{"a", "b"}}), true, std::nullopt};
  const auto replies = must(engine->transact(
      Requests{entry, Xdel{"s", {{1, 1}}}, XgroupDestroy{"s", "g"}, entry, Xlen{"t"}}, Store::OnRefusal::undo));
  REQUIRE(replies.size() == 4);
  CHECK(!replies[3]);
  CHECK(must(engine->run(Exists{{"t"}})).value == 0);
  CHECK(must(engine->run(Xlen{"s"})).value == 3);
  CHECK(pending(engine.store(), "s").size() == 3);
}

TEST_CASE("What a message led to is stored with its acknowledgement, or not at all", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  const auto outcome = [&](Id id) {
    return Requests{Xack{"s", "g", {id}, "x", true},
                    Xadd{"out", {}, fields({{"of", to_string(id)}}), true, std::nullopt}, Xdel{"s", {id}}};
  };
  CHECK(must(engine->transact(outcome({1, 1}), Store::OnRefusal::undo)).back());
  CHECK(must(engine->run(Xlen{"out"})).value == 1);
  must(engine->run(claim("s", "y", {{2, 1}})));
  const auto late = must(engine->transact(outcome({2, 1}), Store::OnRefusal::undo));
  REQUIRE(late.size() == 1);
  CHECK_THAT(refusal(late.back()), Catch::Matchers::StartsWith("NOTOWNED 2-1"));
  CHECK(must(engine->run(Xlen{"out"})).value == 1);
  CHECK(must(engine->run(Xlen{"s"})).value == 2);

  // Deliveries and acknowledgements of others go along.
  Requests many = outcome({3, 1});
  many.emplace_back(group_read("s", "x"));
  add(engine.store(), "s", {4, 1});
  const auto replies = must(engine->transact(many, Store::OnRefusal::undo));
  REQUIRE(replies.size() == 4);
  CHECK(ids_of(std::get<StreamEntries>(*replies[3])[0].entries) == std::vector<Id>{{4, 1}});
}

TEST_CASE("XINFO tells what a stream is, and what its groups and consumers hold", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  must(engine->run(Xdel{"s", {{1, 1}}}));
  const auto info = must(engine->run(XinfoStream{"s"}));
  CHECK(info.length == 2);
  CHECK(info.entries_added == 3);
  CHECK(info.max_deleted_id == Id{1, 1});
  CHECK(info.recorded_first_id == Id{2, 1});
  CHECK(info.groups == 1);
  CHECK(info.first_entry->id == Id{2, 1});
  CHECK(info.last_entry->id == Id{3, 1});
  const auto consumers = must(engine->run(XinfoConsumers{"s", "g"})).consumers;
  REQUIRE(consumers.size() == 1);
  CHECK(consumers[0].name == "x");
  CHECK(consumers[0].pending == 3);
  const auto full = must(engine->run(XinfoStreamFull{"s", 2}));
  CHECK(full.entries.size() == 2);
  REQUIRE(full.groups.size() == 1);
  CHECK(full.groups[0].pel_count == 3);
  CHECK(full.groups[0].pel.size() == 2);
  CHECK(full.groups[0].pel[0].consumer == "x");
  REQUIRE(full.groups[0].consumers.size() == 1);
  CHECK(full.groups[0].consumers[0].pel.size() == 2);
  CHECK(must(engine->run(XinfoStreamFull{"s", 0})).groups[0].pel.size() == 3);
}

TEST_CASE("What was given back is nobody's, and whoever comes is given it", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  Xnack nack{"s", "g", Xnack::Blame::fail, {{1, 1}, {9, 9}}, {}, false, {}, Millis(0)};
  CHECK(must(engine->run(nack)).value == 1);
  nack = {"s", "g", Xnack::Blame::silent, {{2, 1}}, {}, false, {}, Millis(0)};
  CHECK(must(engine->run(nack)).value == 1);

  const auto summary = must(engine->run(XpendingSummary{"s", "g"}));
  CHECK(summary.count == 3);
  CHECK(summary.released == 2);
  REQUIRE(summary.consumers.size() == 1);
  CHECK(summary.consumers[0].pending == 1);
  const auto rows = pending(engine.store(), "s");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].released);
  CHECK(rows[0].consumer.empty());
  CHECK(rows[0].deliveries == 1);
  CHECK(rows[1].deliveries == 0);
  CHECK_FALSE(rows[2].released);
  const auto groups = must(engine->run(XinfoGroups{"s"})).groups;
  CHECK(groups[0].released == 2);
  CHECK(groups[0].consumers == 1);

  Xclaim take = claim("s", "y", {{1, 1}, {2, 1}, {3, 1}});
  take.released = true;
  CHECK(ids_of(must(engine->run(take)).entries) == std::vector<Id>{{1, 1}, {2, 1}});
  CHECK(must(engine->run(XpendingSummary{"s", "g"})).released == 0);
  CHECK(must(engine->run(XinfoConsumers{"s", "g"})).consumers.size() == 2);
}

TEST_CASE("What was given back for later is given to nobody before then", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  const Millis hour(3'600'000);
  must(engine->run(Xnack{"s", "g", Xnack::Blame::fail, {{2, 1}}, {}, false, {}, hour}));
  must(engine->run(Xnack{"s", "g", Xnack::Blame::fail, {{1, 1}}, {}, false, {}, hour / 2}));
  Xclaim take = claim("s", "y", {{1, 1}, {2, 1}});
  take.released = true;
  CHECK(must(engine->run(take)).entries.empty());
  const auto waiting = must(engine->run(Xpending{"s", "g", {}, kMinId, kMaxId, 10, {}, true})).entries;
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].id == Id{1, 1});  // in the order in which they are due
  CHECK(waiting[1].id == Id{2, 1});
  CHECK(waiting[1].released->left > hour / 2);
  CHECK(waiting[1].released->left <= hour);
  CHECK(must(engine->run(XinfoGroups{"s"})).groups[0].next_due <= hour / 2);
  SECTION("nor to who names it") {
    const Claimed named = must(engine->run(claim("s", "y", {{1, 1}, {2, 1}, {3, 1}})));
    CHECK(ids_of(named.entries) == std::vector<Id>{{3, 1}});
    Xclaim force = claim("s", "y", {{2, 1}});
    force.force = true;
    CHECK(must(engine->run(force)).entries.empty());
    must(engine->run(Xnack{"s", "g", Xnack::Blame::fail, {{2, 1}}, {}, false, {}, Millis(0)}));
    Xclaim later = claim("s", "y", {{2, 1}, {3, 1}});
    later.min_idle = hour;
    CHECK(ids_of(must(engine->run(later)).entries) == std::vector<Id>{{2, 1}});
    return;
  }
  SECTION("nor in a walk over all that is pending, which goes on behind it") {
    const AutoClaimed first = must(engine->run(autoclaim(1)));
    CHECK(ids_of(first.claimed.entries) == std::vector<Id>{{3, 1}});
    CHECK(first.claimed.entries[0].deliveries == 2);
    CHECK(first.cursor == kMinId);
    Xautoclaim names = autoclaim(9);
    names.just_id = true;
    CHECK(must(engine->run(names)).claimed.entries.size() == 1);
    must(engine->run(Xnack{"s", "g", Xnack::Blame::fail, {{2, 1}}, {}, false, {}, Millis(0)}));
    const auto due = must(engine->run(autoclaim(9, kMinId, hour))).claimed;
    CHECK(ids_of(due.entries) == std::vector<Id>{{2, 1}});
    CHECK(must(engine->run(Xdel{"s", {{3, 1}}})).value == 1);
    const AutoClaimed gone = must(engine->run(autoclaim(9)));
    CHECK(gone.deleted == std::vector<Id>{{3, 1}});
    CHECK(must(engine->run(XpendingSummary{"s", "g"})).released == 1);
    return;
  }
  CHECK(must(engine->run(Xack{"s", "g", {{1, 1}, {2, 1}}, {}, false})).value == 2);
  CHECK(must(engine->run(XpendingSummary{"s", "g"})).count == 1);
}

TEST_CASE("Only who holds a message gives it back, where that is asked for, and force makes one", "[contract]") {
  ON_EVERY_ENGINE(engine);
  three_pending(engine.store());
  Xnack nack{"s", "g", Xnack::Blame::fail, {{1, 1}}, {}, false, "y", Millis(0)};
  CHECK(must(engine->run(nack)).value == 0);
  nack.owner = "x";
  nack.deliveries = 7;
  CHECK(must(engine->run(nack)).value == 1);
  CHECK(pending(engine.store(), "s")[0].deliveries == 7);
  must(engine->run(Xack{"s", "g", {{3, 1}}, {}, false}));
  Xnack force{"s", "g", Xnack::Blame::fatal, {{3, 1}, {9, 9}}, {}, true, {}, Millis(0)};
  CHECK(must(engine->run(force)).value == 1);
  CHECK(pending(engine.store(), "s")[2].deliveries == std::uint64_t{INT64_MAX});
  CHECK_FALSE(engine->run(Xnack{"s", "nogroup", Xnack::Blame::fail, {{1, 1}}, {}, false, {}, Millis(0)}));
}

}  // namespace weir::test
