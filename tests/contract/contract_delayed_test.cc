// Delayed messages, on every engine.
#include <algorithm>
#include <thread>

#include "contract/delayed_messages.h"
#include "system/clock.h"

namespace weir::test {
namespace {

std::vector<std::string> values_of(const std::vector<Entry>& entries) {
  std::vector<std::string> values;
  values.reserve(entries.size());
  for (const Entry& entry : entries) {
    values.push_back(entry.fields->pairs().front().value);
  }
  return values;
}
std::vector<std::string> values_in(Store& store, const std::string& stream) {
  return values_of(must(store.run(Xrange{stream, kMinId, kMaxId, false, std::nullopt})).entries);
}

}  // namespace

TEST_CASE("Whatever looks at a stream, or takes from it, finds what is due", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  delay_past(store, "length");
  CHECK(must(store.run(Xlen{"length"})).value == 1);
  delay_past(store, "range");
  CHECK(range(store, "range").size() == 1);
  delay_past(store, "read");
  CHECK(must(store.run(read_after("read", kMinId))).size() == 1);
  make_group(store, "group", "g");
  delay_past(store, "group");
  CHECK(deliver(store, "group", "c").size() == 1);
  delay_past(store, "group");
  CHECK(must(store.run(XinfoGroups{"group"})).groups[0].lag == 1);
  delay_past(store, "info");
  CHECK(must(store.run(XinfoStream{"info"})).length == 1);
  delay_past(store, "trim");
  CHECK(must(store.run(Xtrim{"trim", Trim{}})).value == 1);
  // What is new to a group that begins at the end came after what was due.
  delay_past(store, "end");
  must(store.run(XgroupCreate{"end", "g", std::nullopt, false, std::nullopt, false}));
  CHECK(deliver(store, "end", "c").empty());
}

TEST_CASE("A transaction finds what is due", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  for (const auto on_refusal : {Store::OnRefusal::go_on, Store::OnRefusal::undo}) {
    delay_past(store, "s");
    const std::vector<Request> requests{Xlen{"s"}, Del{{"s"}}, Exists{{"s"}}};
    const auto replies = must(store.transact(requests, on_refusal));
    CHECK(std::get<Count>(must(replies[0])).value == 1);
    CHECK(std::get<Count>(must(replies[2])).value == 0);
  }
}

TEST_CASE("A stream is there from its first delayed message on, and goes with those it has", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  const Handle first = delay_an_hour(store, "s");
  CHECK(first.number == 1);
  CHECK(must(store.run(Xlen{"s"})).value == 0);
  CHECK(must(store.run(Keys{})).names == std::vector<std::string>{"s"});
  CHECK(must(store.run(Exists{{"s"}})).value == 1);
  CHECK(must(delaying(store).count_delayed("s")).count == 1);
  must(store.run(Rename{"s", "t"}));
  CHECK(delayed(store, "s").empty());
  REQUIRE(delayed(store, "t").size() == 1);
  CHECK(delayed(store, "t")[0].handle == first);
  CHECK(delay_an_hour(store, "t").number == 2);
  delay_an_hour(store, "u");
  must(store.run(Rename{"u", "t"}));
  CHECK(delayed(store, "t").size() == 1);
  CHECK(must(store.run(Del{{"t"}})).value == 1);
  CHECK(must(store.run(Keys{})).names.empty());
  must(store.run(Xadd{"t", {}, fields({{"f", "v"}}), true, std::nullopt}));
  CHECK(delayed(store, "t").empty());
  CHECK(delay_an_hour(store, "t").number == 1);
}

TEST_CASE("A delayed message is found by its handle, until it is appended or taken back", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  Delaying& held = delaying(store);
  const Handle one = delay_an_hour(store, "s", "one");
  const Handle two = delay_an_hour(store, "s", "two");
  const Handle three = delay(store, "s", Due{true, 2 * kHour}, "three");
  const std::vector<Handle> unknown{{one.due, 9}, {UnixMs::max(), 1}};
  CHECK(must(held.cancel_delayed("s", unknown)).value == 0);
  CHECK(must(held.append_delayed("s", unknown)).value == 0);
  CHECK(must(held.cancel_delayed("other", std::vector{one})).value == 0);
  CHECK(must(held.append_delayed("s", std::vector{three, one})).value == 2);
  CHECK(values_in(store, "s") == std::vector<std::string>{"one", "three"});
  CHECK(must(held.cancel_delayed("s", std::vector{one, two})).value == 1);
  CHECK(must(held.count_delayed("s")).count == 0);
  // A number is never given again.
  CHECK(delay_an_hour(store, "s").number == 4);
}

TEST_CASE("Delayed messages are listed page by page in the order in which they are due", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  std::vector<Xadd> entries(25, Xadd{"s", {}, fields({{"f", "v"}}), true, std::nullopt});
  must(delaying(store).delay(entries, Due{false, unix_now() + 2 * kHour}));
  must(delaying(store).delay(std::span(entries).first(5), Due{false, unix_now() + kHour}));
  std::vector<Handle> all;
  std::optional<Handle> last;
  while (true) {
    const auto page = must(delaying(store).delayed("s", last, 10));
    if (page.empty()) {
      break;
    }
    for (const DelayedMessage& message : page) {
      CHECK(message.left > Millis(0));
      CHECK(message.left <= 2 * kHour);
      all.push_back(message.handle);
    }
    last = all.back();
  }
  CHECK(all.size() == 30);
  CHECK(std::ranges::is_sorted(all));
  CHECK(all[0].number == 26);
  CHECK(all[5].number == 1);
}

TEST_CASE("Any fields come back from a delayed message as they went in", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  const std::vector<Field> odd{
      {"", ""}, {"a", "1:2,"}, {"a", std::string("\0\xff\n", 3)}, {std::string(300, 'x'), "5:"}};
  const Xadd entry{"s", {}, fields(odd), true, std::nullopt};
  must(delaying(store).delay(std::span(&entry, 1), Due{true, kHour}));
  const auto list = delayed(store, "s");
  REQUIRE(list.size() == 1);
  CHECK(list[0].fields.pairs() == odd);
  must(delaying(store).append_delayed("s", std::vector{list[0].handle}));
  CHECK(must(store.run(Xrange{"s", kMinId, kMaxId, false, std::nullopt})).entries[0].fields->pairs() == odd);
}

TEST_CASE("What is due is appended after a last ID in the future", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  const Id future{9'000'000'000'000, 5};
  add(store, "s", future);
  delay_past(store, "s");
  delay_past(store, "s");
  CHECK(range(store, "s") == std::vector<Id>{future, {future.ms, 6}, {future.ms, 7}});
  // After the last of all IDs there is none, and the message stays where it is.
  add(store, "t", kMaxId);
  delay_past(store, "t");
  CHECK(range(store, "t") == std::vector<Id>{kMaxId});
  CHECK(must(delaying(store).count_delayed("t")).count == 1);
}

TEST_CASE("Handles that came from another store are kept, and numbers go on after them", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  const UnixMs due = unix_now() + kHour;
  const std::vector<DelayedMessage> messages{{{due, 7}, kHour, fields({{"f", "a"}})},
                                             {{due, 3}, kHour, fields({{"f", "b"}})}};
  CHECK(refusal(delaying(store).take_over_delayed("s", messages)) == "ERR no such key");
  make_group(store, "s", "g");
  CHECK(must(delaying(store).take_over_delayed("s", messages)).value == 2);
  CHECK(must(delaying(store).take_over_delayed("s", messages)).value == 0);
  CHECK(delayed(store, "s")[0].handle == Handle{due, 3});
  CHECK(delay_an_hour(store, "s").number == 8);
}

TEST_CASE("Very many messages that are due at once are all there for who looks", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  constexpr int kMany = 5'000;
  std::vector<Xadd> entries;
  entries.reserve(kMany);
  for (int n = 0; n < kMany; ++n) {
    entries.push_back(Xadd{"s", {}, fields({{"f", std::to_string(n)}}), true, std::nullopt});
  }
  must(delaying(store).delay(entries, Due{false, Millis(1)}));
  CHECK(must(store.run(Xlen{"s"})).value == 5000);
  const auto values = values_in(store, "s");
  REQUIRE(values.size() == 5000);
  CHECK(values[1234] == "1234");
}

TEST_CASE("A reader that waits gets what somebody delays meanwhile", "[contract]") {
  ON_EVERY_ENGINE(engine);
  Store& store = engine.store();
  for (const bool in_group : {false, true}) {
    const std::string stream = in_group ? "groups" : "plain";
    make_group(store, stream, "g");
    delay_an_hour(store, stream);
    const auto reading = engine.another();
    StreamEntries found;
    std::jthread reader([&] {
      if (in_group) {
        Xreadgroup read = group_read(stream, "c");
        read.block = Millis(0);
        found = must(reading->run(read));
      } else {
        Xread read = read_after(stream, kMinId);
        read.block = Millis(0);
        found = must(reading->run(read));
      }
    });
    if (engine.is_server()) {
      engine.server().wait_for_blocked(2);  // the read, and what waits for the bell
    }
    const Handle handle = delay(store, stream, Due{true, Millis(20)}, "soon");
    reader.join();
    REQUIRE(found.size() == 1);
    CHECK(found[0].entries.back().id.ms >= static_cast<std::uint64_t>(handle.due.count()));
  }
}

}  // namespace weir::test
