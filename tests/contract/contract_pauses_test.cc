// Paused groups.
#include "contract/helpers.h"
#include "stream/pausing.h"
#include "support/child.h"

namespace weir::test {
namespace {

void make_group(Store& store, const std::string& group) {
  XgroupCreate create;
  create.stream = "s";
  create.group = group;
  create.start = kMinId;
  create.make_stream = true;
  must(store.run(create));
}

Xreadgroup reading(const std::string& consumer) {
  Xreadgroup read;
  read.group = "g";
  read.consumer = consumer;
  read.sources.push_back({"s", std::nullopt});
  return read;
}

std::size_t given(const Result<StreamEntries>& streams) {
  std::size_t count = 0;
  for (const Entries& stream : must(streams)) {
    count += stream.entries.size();
  }
  return count;
}

Pausing& pausing(Store& store) {
  return dynamic_cast<Pausing&>(store);
}

}  // namespace

TEST_CASE("A paused group is given nothing, in a transaction neither, until it is resumed", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  make_group(store, "g");
  add(store, "s", {1, 0});
  REQUIRE(pausing(store).pause("s", "g", std::nullopt).has_value());
  CHECK(given(store.run(reading("c"))) == 0);
  for (const auto on_refusal : {Store::OnRefusal::go_on, Store::OnRefusal::undo}) {
    const std::vector<Request> both{reading("c"), Xlen{"s"}};
    const auto replies = must(store.transact(both, on_refusal));
    REQUIRE(replies.size() == 2);
    CHECK(std::get<StreamEntries>(must(replies[0])).empty());
    CHECK(std::get<Count>(must(replies[1])).value == 1);
  }
  const GroupInfos infos = must(store.run(XinfoGroups{"s"}));
  REQUIRE(infos.groups.size() == 1);
  CHECK(infos.groups[0].paused.has_value());
  CHECK(infos.groups[0].last_delivered_id == kMinId);
  REQUIRE(pausing(store).resume("s", "g").has_value());
  CHECK_FALSE(must(pausing(store).paused("s", "g")).has_value());
  CHECK(given(store.run(reading("c"))) == 1);
}

TEST_CASE("A pause ends with its time, its group and its stream", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  make_group(store, "g");
  add(store, "s", {1, 0});
  SECTION("its time") {
    REQUIRE(pausing(store).pause("s", "g", Millis(20)).has_value());
    Xreadgroup read = reading("c");
    read.block = Millis(30'000);
    CHECK(given(store.run(read)) == 1);
  }
  SECTION("its group") {
    REQUIRE(pausing(store).pause("s", "g", std::nullopt).has_value());
    must(store.run(XgroupDestroy{"s", "g"}));
    make_group(store, "g");
    CHECK(given(store.run(reading("c"))) == 1);
  }
  SECTION("its stream") {
    REQUIRE(pausing(store).pause("s", "g", std::nullopt).has_value());
    must(store.run(Del{{"s"}}));
    make_group(store, "g");
    add(store, "s", {1, 0});
    CHECK(given(store.run(reading("c"))) == 1);
  }
}

TEST_CASE("A reader that waited before a pause puts back what it is given meanwhile", "[server]") {
  Server server;
  const auto store = open_at(server);
  make_group(*store, "g");
  Child reader([&](int out) {
    const auto theirs = open_at(server);
    Xreadgroup read = reading("c");
    read.block = Millis(30'000);
    say(out, std::to_string(given(theirs->run(read))));
  });
  server.wait_for_blocked(1);
  REQUIRE(pausing(*store).pause("s", "g", std::nullopt).has_value());
  add(*store, "s", {1, 0});
  // Whoever is first, and the reader is, sees it, and then nobody has it.
  for (bool back = false; !back;) {
    const GroupInfos infos = must(store->run(XinfoGroups{"s"}));
    back = infos.groups[0].pending == 0 && infos.groups[0].last_delivered_id == kMinId;
  }
  REQUIRE(pausing(*store).resume("s", "g").has_value());
  CHECK(reader.line() == "1");
  CHECK(must(store->run(XinfoGroups{"s"})).groups[0].pending == 1);
}

TEST_CASE("A group that is made anew is not paused, in a transaction neither", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  XgroupCreate create;
  create.stream = "s";
  create.group = "g";
  create.start = kMinId;
  const std::vector<Request> anew{XgroupDestroy{"s", "g"}, create};
  for (const auto on_refusal : {Store::OnRefusal::go_on, Store::OnRefusal::undo}) {
    make_group(store, "g");
    REQUIRE(pausing(store).pause("s", "g", std::nullopt).has_value());
    const auto replies = must(store.transact(anew, on_refusal));
    CHECK(std::get<Count>(must(replies[0])).value == 1);
    CHECK_FALSE(must(store.run(XinfoGroups{"s"})).groups[0].paused);
    REQUIRE(pausing(store).pause("s", "g", std::nullopt).has_value());
    CHECK(must(store.run(XgroupDestroy{"s", "g"})).value == 1);
    make_group(store, "g");
    CHECK_FALSE(must(store.run(XinfoGroups{"s"})).groups[0].paused);
    CHECK(must(store.run(XgroupDestroy{"s", "g"})).value == 1);
    CHECK(must(store.run(XgroupDestroy{"s", "g"})).value == 0);
  }
}

TEST_CASE("A user who may not look for pauses reads as before", "[server]") {
  Server server;
  const auto store = open_at(server);
  make_group(*store, "g");
  add(*store, "s", {1, 0});
  add(*store, "s", {2, 0});
  server.ask("ACL SETUSER default -eval");
  Xreadgroup read = reading("c");
  read.count = 1;
  CHECK(given(store->run(read)) == 1);
  const std::vector<Request> both{read, Xlen{"s"}};
  const auto replies = must(store->transact(both, Store::OnRefusal::go_on));
  CHECK(given(std::get<StreamEntries>(must(replies[0]))) == 1);
}

}  // namespace weir::test
