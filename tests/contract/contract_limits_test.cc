// MAXCOUNT and MAXSIZE of XREAD and XREADGROUP. No available server knows them, so these tests run on a file only.
// `server_test.cc` tests what a server says that is too old.
#include <thread>

#include "contract/helpers.h"

namespace weir::test {
namespace {

/// Two streams: "s" with three entries and "t" with two. Each has 2 bytes: a name and a value.
void two_streams(Store& store) {
  add_all(store, "s", {{1, 1}, {2, 1}, {3, 1}});
  add_all(store, "t", {{1, 1}, {2, 1}});
  make_group(store, "s", "g");
  make_group(store, "t", "g");
}

Xread read_both(ReadLimit limit) {
  Xread read = read_after("s", {});
  read.sources.push_back({"t", {}});
  read.limit = limit;
  return read;
}

Xreadgroup take_both(const std::string& consumer, ReadLimit limit, std::optional<Id> history_after = std::nullopt) {
  Xreadgroup read = group_read("s", consumer, history_after);
  read.sources.push_back({"t", history_after});
  read.limit = limit;
  return read;
}

using Given = std::vector<std::pair<std::string, std::vector<Id>>>;

Given given(const Result<StreamEntries>& reply) {
  Given given;
  for (const Entries& entries : must(reply)) {
    given.emplace_back(entries.stream, ids_of(entries.entries));
  }
  return given;
}

const Given kAll{{"s", {{1, 1}, {2, 1}, {3, 1}}}, {"t", {{1, 1}, {2, 1}}}};

}  // namespace

TEST_CASE("MAXCOUNT and MAXSIZE hold over all streams of XREAD", "[contract]") {
  Engine engine("sqlite");
  two_streams(engine.store());
  CHECK(given(engine->run(read_both({4, {}}))) == Given{{"s", {{1, 1}, {2, 1}, {3, 1}}}, {"t", {{1, 1}}}});
  CHECK(given(engine->run(read_both({3, {}}))) == Given{{"s", {{1, 1}, {2, 1}, {3, 1}}}});
  CHECK(given(engine->run(read_both({{}, 8}))) == Given{{"s", {{1, 1}, {2, 1}, {3, 1}}}, {"t", {{1, 1}}}});
  CHECK(given(engine->run(read_both({{}, 5}))) == Given{{"s", {{1, 1}, {2, 1}}}});
  CHECK(given(engine->run(read_both({5, 10}))) == kAll);
  Xread two_of_each = read_both({3, {}});
  two_of_each.count = 2;
  CHECK(given(engine->run(two_of_each)) == Given{{"s", {{1, 1}, {2, 1}}}, {"t", {{1, 1}}}});
  Xread last = read_both({1, {}});
  last.sources[0].from.kind = Xread::From::Kind::last_entry;
  CHECK(given(engine->run(last)) == Given{{"s", {{3, 1}}}});
}

TEST_CASE("However long it is, one entry is given, and what follows it in size is not", "[contract]") {
  Engine engine("sqlite");
  add(engine.store(), "s", {1, 1}, std::string(1000, 'x'));
  add(engine.store(), "s", {2, 1}, "");
  make_group(engine.store(), "s", "g");
  Xread read = read_after("s", {});
  read.limit.bytes = 1;
  CHECK(given(engine->run(read)) == Given{{"s", {{1, 1}}}});
  Xreadgroup take = group_read("s", "c");
  take.limit.bytes = 1;
  CHECK(given(engine->run(take)) == Given{{"s", {{1, 1}}}});
  CHECK(given(engine->run(take)) == Given{{"s", {{2, 1}}}});
}

TEST_CASE("What a limit passes over does not become pending, and is given next", "[contract]") {
  Engine engine("sqlite");
  two_streams(engine.store());
  CHECK(given(engine->run(take_both("x", {{}, 5}))) == Given{{"s", {{1, 1}, {2, 1}}}});
  CHECK(pending(engine.store(), "s").size() == 2);
  CHECK(must(engine->run(XinfoGroups{"s"})).groups[0].last_delivered_id == Id{2, 1});
  CHECK(must(engine->run(XinfoGroups{"s"})).groups[0].lag == 1U);
  CHECK(pending(engine.store(), "t").empty());
  CHECK(given(engine->run(take_both("y", {2, {}}))) == Given{{"s", {{3, 1}}}, {"t", {{1, 1}}}});
  CHECK(given(engine->run(take_both("y", {2, {}}))) == Given{{"t", {{2, 1}}}});
}

TEST_CASE("A limit holds for a consumer's history, where what it passes over counts no delivery", "[contract]") {
  Engine engine("sqlite");
  two_streams(engine.store());
  must(engine->run(take_both("x", {})));
  must(engine->run(Xdel{"s", {{2, 1}}}));
  CHECK(given(engine->run(take_both("x", {2, {}}, kMinId))) == Given{{"s", {{1, 1}, {2, 1}}}, {"t", {}}});
  CHECK(pending(engine.store(), "s")[0].deliveries == 2);
  CHECK(pending(engine.store(), "s")[2].deliveries == 1);
  CHECK(pending(engine.store(), "t")[0].deliveries == 1);
  // What was deleted has no bytes.
  CHECK(given(engine->run(take_both("x", {{}, 4}, kMinId))) == Given{{"s", {{1, 1}, {2, 1}, {3, 1}}}, {"t", {}}});
}

TEST_CASE("A limit holds for what is claimed and what is new together", "[contract]") {
  Engine engine("sqlite");
  two_streams(engine.store());
  must(engine->run(group_read("s", "x", std::nullopt, 2)));
  Xreadgroup read = take_both("y", {1, {}});
  read.claim = Millis(0);
  CHECK(given(engine->run(read)) == Given{{"s", {{1, 1}}}});
  CHECK(pending(engine.store(), "s")[1].consumer == "x");
  read.consumer = "z";
  read.limit = {{}, 7};
  CHECK(given(engine->run(read)) == Given{{"s", {{2, 1}, {1, 1}, {3, 1}}}});
  read.limit = {4, {}};
  CHECK(given(engine->run(read)) == Given{{"s", {{2, 1}, {1, 1}, {3, 1}}}, {"t", {{1, 1}}}});
}

TEST_CASE("Who waits is given no more than its limit", "[contract]") {
  Engine engine("sqlite");
  two_streams(engine.store());
  must(engine->run(take_both("x", {})));
  const std::vector<Request> one_for_each{Xadd{"s", exactly({4, 1}), fields({{"f", "v"}}), true, std::nullopt},
                                          Xadd{"t", exactly({4, 1}), fields({{"f", "v"}}), true, std::nullopt}};
  const auto waiting = engine.another();
  Result<StreamEntries> reply;
  std::thread reader;
  SECTION("in a group") {
    reader = std::thread([&] {
      Xreadgroup read = take_both("x", {1, {}});
      read.block = Millis(0);
      reply = waiting->run(read);
    });
  }
  SECTION("without a group") {
    reader = std::thread([&] {
      Xread read = read_both({1, {}});
      read.sources[0].from.id = read.sources[1].from.id = {3, 1};
      read.block = Millis(0);
      reply = waiting->run(read);
    });
  }
  must(engine->transact(one_for_each, Store::OnRefusal::undo));
  reader.join();
  CHECK(given(reply) == Given{{"s", {{4, 1}}}});
  CHECK(pending(engine.store(), "t").size() == 2);
}

}  // namespace weir::test
