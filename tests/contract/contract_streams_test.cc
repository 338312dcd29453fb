// Adding, removing, ranges: what both engines must do.
#include <functional>

#include "contract/helpers.h"

namespace weir::test {
namespace {

const std::string kTooSmall = "ERR The ID specified in XADD is equal or smaller than the target stream top item";
const std::string kExhausted = "ERR The stream has exhausted the last possible ID, unable to add more items";
constexpr std::uint64_t kFuture = 1ULL << 62U;

Xadd added(const std::string& stream, NewId id) {
  return Xadd{stream, id, fields({{"f", "v"}}), true, std::nullopt};
}

Xadd with_sequence(const std::string& stream, std::uint64_t ms) {
  return added(stream, {NewId::Kind::automatic_sequence, {ms, 0}});
}

Trim to_length(std::uint64_t length) {
  Trim trim;
  trim.maxlen = length;
  return trim;
}

Trim from_id(Id id) {
  Trim trim;
  trim.by = Trim::By::minid;
  trim.minid = id;
  return trim;
}

Xrange between(Id first, Id last, bool reverse = false, std::optional<std::uint64_t> count = std::nullopt) {
  return Xrange{"s", first, last, reverse, count};
}

}  // namespace

TEST_CASE("Two connections are to the same store, two stores are not the same", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Engine other(engine.name());
  const auto identity = must(engine->identity());
  CHECK(!identity.empty());
  CHECK(must(engine.another()->identity()) == identity);
  CHECK(must(other->identity()) != identity);
}

TEST_CASE("An automatic ID is now, or the one after the last", "[contract]") {
  ON_EVERY_ENGINE(engine);
  const Id first = must(engine->run(added("s", {}))).value();
  const Id second = must(engine->run(added("s", {}))).value();
  CHECK(first < second);
  CHECK(first.ms > 1'600'000'000'000);
  add(engine.store(), "future", {kFuture, 7});
  CHECK(must(engine->run(added("future", {}))).value() == Id{kFuture, 8});
  add(engine.store(), "full", {kFuture, kMaxPart});
  CHECK(must(engine->run(added("full", {}))).value() == Id{kFuture + 1, 0});
}

TEST_CASE("An automatic sequence goes on within its millisecond, and never rolls over", "[contract]") {
  ON_EVERY_ENGINE(engine);
  CHECK(must(engine->run(with_sequence("s", 0))).value() == Id{0, 1});
  CHECK(must(engine->run(with_sequence("s", 5))).value() == Id{5, 0});
  CHECK(must(engine->run(with_sequence("s", 5))).value() == Id{5, 1});
  CHECK(refusal(engine->run(with_sequence("s", 4))) == kTooSmall);
  add(engine.store(), "s", {6, kMaxPart});
  CHECK(!engine->run(with_sequence("s", 6)));
}

TEST_CASE("An ID must be greater than every one there ever was, deleted ones too", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 0}});
  CHECK(must(engine->run(Xdel{"s", {{2, 0}}})).value == 1);
  CHECK(refusal(engine->run(added("s", exactly({2, 0})))) == kTooSmall);
  CHECK(refusal(engine->run(added("s", exactly({1, 5})))) == kTooSmall);
  add(engine.store(), "s", {2, 1});
}

TEST_CASE("After the highest of all IDs nothing can be added", "[contract]") {
  ON_EVERY_ENGINE(engine);
  CHECK(add(engine.store(), "s", kMaxId) == kMaxId);
  CHECK(refusal(engine->run(added("s", {}))) == kExhausted);
  CHECK(range(engine.store(), "s") == std::vector<Id>{kMaxId});
}

TEST_CASE("A refused first entry leaves no stream behind", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Xadd nothing = added("s", {});
  nothing.make_stream = false;
  CHECK(!must(engine->run(nothing)));
  CHECK(must(engine->run(Exists{{"s"}})).value == 0);
}

TEST_CASE("Fields come back in their order, repeated names and all bytes included", "[contract]") {
  ON_EVERY_ENGINE(engine);
  const std::vector<Field> pairs{
      {"b", "1"}, {"a", "2"}, {"b", ""}, {std::string("\0\xff", 2), std::string("\r\n\0", 3)}, {"", "x"}};
  must(engine->run(Xadd{"s", exactly({1, 1}), fields(pairs), true, std::nullopt}));
  CHECK(must(engine->run(between(kMinId, kMaxId))).entries[0].fields->pairs() == pairs);
}

TEST_CASE("Names of streams are bytes", "[contract]") {
  ON_EVERY_ENGINE(engine);
  const std::string name("a\0\xff{ \n", 6);
  add(engine.store(), name, {1, 1});
  CHECK(must(engine->run(Xlen{name})).value == 1);
  CHECK(must(engine->run(Keys{"*"})).names == std::vector<std::string>{name});
}

TEST_CASE("MAXLEN and MINID remove from the front, and say how many", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}});
  CHECK(must(engine->run(Xtrim{"s", to_length(4)})).value == 1);
  CHECK(must(engine->run(Xtrim{"s", from_id({4, 0})})).value == 2);
  CHECK(range(engine.store(), "s") == std::vector<Id>{{4, 1}, {5, 1}});
  CHECK(must(engine->run(Xtrim{"nothing", to_length(0)})).value == 0);
}

TEST_CASE("Adding with MAXLEN 0 leaves an empty stream with its last ID", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Xadd entry = added("s", exactly({3, 3}));
  entry.trim = to_length(0);
  CHECK(must(engine->run(entry)).value() == Id{3, 3});
  const auto info = must(engine->run(XinfoStream{"s"}));
  CHECK(info.length == 0);
  CHECK(info.last_generated_id == Id{3, 3});
  CHECK(info.max_deleted_id == kMinId);
  CHECK(info.entries_added == 1);
}

TEST_CASE("An approximate trim keeps at least what was asked for, and at most a hundred more", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Xadd> entries;
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    entries.push_back(added("s", exactly({n, 0})));
  }
  append(engine.store(), entries);
  Trim trim = to_length(250);
  trim.approximate = true;
  const auto removed = must(engine->run(Xtrim{"s", trim})).value;
  CHECK(must(engine->run(Xlen{"s"})).value == 1000 - removed);
  CHECK(removed <= 750);
  CHECK(removed >= 650);
}

TEST_CASE("XDEL counts what was there, keeps the stream, and remembers the highest it deleted", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add_all(engine.store(), "s", {{1, 1}, {2, 1}});
  CHECK(must(engine->run(Xdel{"s", {{2, 1}, {2, 1}, {9, 9}, {1, 1}}})).value == 2);
  CHECK(must(engine->run(Xdel{"nothing", {{1, 1}}})).value == 0);
  const auto info = must(engine->run(XinfoStream{"s"}));
  CHECK(info.length == 0);
  CHECK(info.max_deleted_id == Id{2, 1});
  CHECK(info.last_generated_id == Id{2, 1});
  CHECK(must(engine->run(Exists{{"s"}})).value == 1);
}

TEST_CASE("A range is inclusive, either way round, over the whole of 64 bits", "[contract]") {
  ON_EVERY_ENGINE(engine);
  const std::vector<Id> all{{0, 1}, {1, 0}, {1, kMaxPart}, {2, 0}, {1ULL << 63U, 0}, {kMaxPart, 0}, kMaxId};
  add_all(engine.store(), "s", all);
  CHECK(range(engine.store(), "s") == all);
  CHECK(ids_of(must(engine->run(between({1, 0}, {2, 0}))).entries) == std::vector<Id>{{1, 0}, {1, kMaxPart}, {2, 0}});
  CHECK(ids_of(must(engine->run(between({1, 0}, kMaxId, true, 2))).entries) == std::vector<Id>{kMaxId, {kMaxPart, 0}});
  CHECK(must(engine->run(between({2, 0}, {1, 0}))).entries.empty());
  CHECK(must(engine->run(between(kMinId, kMaxId, false, 3))).entries.size() == 3);
}

TEST_CASE("A COUNT of 0 is nil on a stream, and empty where there is none", "[contract]") {
  ON_EVERY_ENGINE(engine);
  add(engine.store(), "s", {1, 1});
  CHECK(must(engine->run(between(kMinId, kMaxId, false, 0))).nil);
  CHECK(!must(engine->run(Xrange{"nothing", kMinId, kMaxId, false, 0})).nil);
}

TEST_CASE("XSETID sets what it is told, and refuses what cannot be", "[contract]") {
  ON_EVERY_ENGINE(engine);
  CHECK(refusal(engine->run(Xsetid{"s", {5, 5}, std::nullopt, std::nullopt})) == "ERR no such key");
  add(engine.store(), "s", {5, 5});
  must(engine->run(Xsetid{"s", {9, 0}, 10, Id{7, 0}}));
  const auto info = must(engine->run(XinfoStream{"s"}));
  CHECK(info.last_generated_id == Id{9, 0});
  CHECK(info.entries_added == 10);
  CHECK(info.max_deleted_id == Id{7, 0});
  CHECK_THAT(refusal(engine->run(Xsetid{"s", {5, 4}, std::nullopt, std::nullopt})),
             Catch::Matchers::ContainsSubstring("smaller than"));
  CHECK_THAT(refusal(engine->run(Xsetid{"s", {9, 0}, 0, Id{7, 0}})),
             Catch::Matchers::ContainsSubstring("smaller than"));
  CHECK_THAT(refusal(engine->run(Xsetid{"s", {9, 0}, 10, Id{9, 1}})),
             Catch::Matchers::ContainsSubstring("smaller than"));
}

TEST_CASE("Many entries are added in their order, up to the first that is refused", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Xadd> entries;
  for (const Id id : {Id{1, 1}, Id{2, 1}, Id{2, 1}, Id{3, 1}}) {
    entries.push_back(added("s", exactly(id)));
  }
  const auto answers = must(engine->append(entries));
  REQUIRE(answers.size() == 3);
  CHECK(must(answers[0]) == Id{1, 1});
  CHECK(must(answers[1]) == Id{2, 1});
  CHECK(refusal(answers[2]) == kTooSmall);
  CHECK(range(engine.store(), "s") == std::vector<Id>{{1, 1}, {2, 1}});
}

TEST_CASE("Many entries of many streams are answered in their order", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Xadd> entries;
  for (std::uint64_t n = 1; n <= 25'000; ++n) {
    entries.push_back(n % 3 == 0 ? added("b", {}) : n % 100 == 1 ? added("c", exactly({n, 0})) : added("a", {}));
  }
  const auto ids = append(engine.store(), entries);
  CHECK(ids[100] == Id{101, 0});
  CHECK(must(engine->run(Xlen{"b"})).value == 8333);
  CHECK(range(engine.store(), "b").back() == ids[24'998]);
}

TEST_CASE("An entry of thousands of fields is added among others, with an ID of its own, too", "[contract]") {
  ON_EVERY_ENGINE(engine);
  std::vector<Field> many(5000, {"name", "v"});
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].name += std::to_string(i);
  }
  for (const bool exact : {false, true}) {
    std::vector<Xadd> entries;
    for (std::uint64_t n = 1; n <= 3; ++n) {
      const NewId id = exact ? exactly({n, 0}) : NewId{};
      entries.push_back(Xadd{exact ? "exact" : "automatic", id, fields(many), true, std::nullopt});
    }
    append(engine.store(), entries);
  }
  CHECK(range(engine.store(), "exact").size() == 3);
  CHECK(range(engine.store(), "automatic").size() == 3);
}

TEST_CASE("Entries are each added once, in their order, where the next batch is known ahead", "[contract]") {
  ON_EVERY_ENGINE(engine);
  constexpr std::size_t kBatch = 3000;
  std::vector<std::vector<Xadd>> batches(5);
  for (std::uint64_t n = 0; n < batches.size() * kBatch; ++n) {
    batches[n / kBatch].push_back(added("s", n == 2 * kBatch + 9 ? exactly({1ULL << 50U, 0}) : NewId{}));
  }
  const auto ids = append_ahead(engine.store(), batches);
  CHECK(ids.size() == batches.size() * kBatch);
  CHECK(range(engine.store(), "s") == ids);
}

TEST_CASE("After an entry that is refused, what was not answered was not added", "[contract]") {
  ON_EVERY_ENGINE(engine);
  must(engine->run(Xadd{"full", exactly(kMaxId), fields({{"f", "v"}}), true, std::nullopt}));
  std::vector<Xadd> entries;
  for (const char* stream : {"a", "full", "b", "a"}) {
    entries.push_back(added(stream, {}));
  }
  std::vector<Result<MaybeId>> answers;
  while (answers.size() < entries.size()) {
    const auto more = must(engine->append(std::span(entries).subspan(answers.size())));
    answers.insert(answers.end(), more.begin(), more.end());
  }
  CHECK(must(engine->run(Xlen{"a"})).value == 2);
  CHECK(range(engine.store(), "b") == std::vector<Id>{must(answers[2]).value()});
  CHECK(refusal(answers[1]) == kExhausted);
}

TEST_CASE("Whole streams are deleted, renamed, counted and listed by their bytes", "[contract]") {
  ON_EVERY_ENGINE(engine);
  for (const char* name : {"b", "a", "a1", "\xff", "B"}) {
    add(engine.store(), name, {1, 1});
  }
  CHECK(must(engine->run(Keys{"*"})).names == std::vector<std::string>{"B", "a", "a1", "b", "\xff"});
  CHECK(must(engine->run(Keys{"a*"})).names == std::vector<std::string>{"a", "a1"});
  CHECK(must(engine->run(Keys{"[^a]"})).names == std::vector<std::string>{"B", "b", "\xff"});
  CHECK(must(engine->run(Exists{{"a", "a", "x"}})).value == 2);
  CHECK(must(engine->run(Type{"a"})).text == "stream");
  CHECK(must(engine->run(Type{"x"})).text == "none");
  CHECK(must(engine->run(Del{{"a1", "a1", "x"}})).value == 1);
  must(engine->run(Rename{"a", "b"}));
  CHECK(refusal(engine->run(Rename{"a", "b"})) == "ERR no such key");
  must(engine->run(Rename{"b", "b"}));
  must(engine->run(Flushall()));
  CHECK(must(engine->run(Keys{"*"})).names.empty());
}

TEST_CASE("An append goes on from what was done since the last one, here or by another connection", "[contract]") {
  ON_EVERY_ENGINE(engine);
  using Act = std::function<void(Store&)>;
  struct Step {
    const char* name;
    Act act;
    std::uint64_t length, added;  ///< after the act, and an append
  };
  const std::vector<Step> steps{
      {"nothing", [](Store&) {}, 4, 4},
      {"an append",
       [](Store& store) {
         add(store, "s", {4, 1});
       },
       5, 5},
      {"an append to another stream",
       [](Store& store) {
         add(store, "t", {4, 1});
       },
       4, 4},
      {"XDEL",
       [](Store& store) {
         must(store.run(Xdel{"s", {{2, 1}}}));
       },
       3, 4},
      {"XTRIM",
       [](Store& store) {
         must(store.run(Xtrim{"s", to_length(1)}));
       },
       2, 4},
      {"XSETID",
       [](Store& store) {
         must(store.run(Xsetid{"s", {7, 1}, 50, {}}));
       },
       4, 51},
      {"DEL", [](Store& store) { must(store.run(Del{{"s"}})); }, 1, 1},
      {"RENAME",
       [](Store& store) {
         must(store.run(Rename{"s", "t"}));
       },
       1, 1},
      {"another in its place",
       [](Store& store) {
         add(store, "t", {1, 1});
         must(store.run(Rename{"t", "s"}));
       },
       2, 2},
      {"a transaction that is undone",
       [](Store& store) {
         const std::vector<Request> requests{added("s", exactly({8, 1})), added("s", exactly({8, 1}))};
         CHECK(!must(store.transact(requests, Store::OnRefusal::undo)).back());
       },
       4, 4},
  };
  const auto another = engine.another();
  for (const Step& step : steps) {
    for (Store* who : {&engine.store(), another.get()}) {
      INFO(step.name << (who == another.get() ? " by another" : " here"));
      engine.clear();
      add_all(engine.store(), "s", {{1, 1}, {2, 1}, {3, 1}});
      step.act(*who);
      add(engine.store(), "s", {9, 1});
      const StreamInfo info = must(engine->run(XinfoStream{"s"}));
      CHECK(info.length == step.length);
      CHECK(info.entries_added == step.added);
      CHECK(info.last_generated_id == Id{9, 1});
      CHECK(range(*another, "s").size() == step.length);
    }
  }
}

}  // namespace weir::test
