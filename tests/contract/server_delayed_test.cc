// Delayed messages on a server that fails, restarts or refuses commands.
#include <algorithm>
#include <thread>

#include "contract/delayed_messages.h"
#include "redis/redis_store.h"

namespace weir::test {
namespace {

const std::vector<std::string> kSafe{"--appendonly", "yes", "--appendfsync", "always"};

}  // namespace

TEST_CASE("Delayed messages and a reader that waits for them survive kill -9 of the server", "[server]") {
  Server server("redis-server", kSafe);
  const auto store = open_at(server);
  make_group(*store, "s", "g");
  delay_an_hour(*store, "s", "later");
  const auto reading = open_at(server);
  Result<StreamEntries> found;
  std::jthread reader([&] {
    Xreadgroup read = group_read("s", "c");
    read.block = Millis(0);
    found = reading->run(read);
  });
  server.wait_for_blocked(2);
  server.kill();
  server.start();
  server.wait_for_blocked(2);
  CHECK(delayed(*store, "s").size() == 1);
  delay(*store, "s", Due{true, Millis(20)}, "soon");
  reader.join();
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().entries.front().fields->json() == R"({"f":"soon"})");
}

TEST_CASE("A reader whose waiting for the bell was ended begins again", "[server]") {
  const Server server;
  const auto store = open_at(server);
  const auto reading = open_at(server);
  Result<StreamEntries> found;
  std::jthread reader([&] {
    Xread read = read_after("s", kMinId);
    read.block = Millis(0);
    found = reading->run(read);
  });
  server.wait_for_blocked(2);
  server.ask("SCRIPT FLUSH");
  server.ask("XADD weir:bell:{s}s * odd ring");
  server.ask("DEL weir:bell:{s}s");
  server.wait_for_blocked(2);
  delay(*store, "s", Due{true, Millis(20)});
  reader.join();
  REQUIRE(found);
  CHECK(found->size() == 1);
}

TEST_CASE("Where the keys of delayed messages hold something else, streams work, and delaying is refused", "[server]") {
  for (const char* purpose : {"due", "delayed", "bell"}) {
    INFO(purpose);
    const Server server;
    const auto store = open_at(server);
    server.ask(std::string("SET weir:") + purpose + ":{s}s x");
    must(store->run(numbered(1)));
    CHECK(must(store->run(Xlen{"s"})).value == 1);
    make_group(*store, "s", "g");
    Xreadgroup read = group_read("s", "c");
    read.block = Millis(50);
    CHECK(must(store->run(read)).size() == 1);
    CHECK(must(store->run(read)).empty());
    const Xadd entry = numbered(2);
    const auto refused = delaying(*store).delay(std::span(&entry, 1), Due{true, kHour});
    CHECK_THAT(refusal(refused), Catch::Matchers::StartsWith("WRONGTYPE") &&
                                     Catch::Matchers::ContainsSubstring(std::string("weir:") + purpose + ":{s}s"));
    CHECK(server.ask("EXISTS weir:due:{s}s weir:delayed:{s}s weir:bell:{s}s") == ":1\r\n");
  }
  const Server server;
  const auto store = open_at(server);
  server.ask("SET s x");
  const Xadd entry = numbered(2);
  CHECK_THAT(refusal(delaying(*store).delay(std::span(&entry, 1), Due{true, kHour})),
             Catch::Matchers::StartsWith("WRONGTYPE Operation"));
}

TEST_CASE("Who must not run scripts, or use the keys, reads what is there", "[server]") {
  for (const char* rules : {"~* +@all -eval", "~s +@all", "~* +@all -zrange", "~* +@all -@sortedset"}) {
    INFO(rules);
    const Server server;
    server.ask(std::string("ACL SETUSER ann on >pw ") + rules);
    const auto store = open_at(server);
    const auto anns = must(redis::open_redis_store("unix://ann:pw@" + server.socket(), {}));
    make_group(*store, "s", "g");
    delay_past(*store, "s");
    CHECK(must(anns->run(Xlen{"s"})).value == 0);
    Xreadgroup read = group_read("s", "c");
    read.block = Millis(20);
    CHECK(must(anns->run(read)).empty());
    CHECK(must(anns->run(Exists{{"s"}})).value == 1);
    // Once it has been appended she gets it.
    CHECK(must(store->run(Xlen{"s"})).value == 1);
    CHECK(must(anns->run(read)).size() == 1);
    CHECK(must(anns->run(Del{{"s"}})).value == 1);
    const Xadd entry = numbered(2);
    CHECK(!delaying(*anns).delay(std::span(&entry, 1), Due{true, kHour}));
  }
}

TEST_CASE("A server without memory keeps what is due until it has some", "[server]") {
  const Server server;
  const auto store = open_at(server);
  delay_past(*store, "s");
  server.ask("CONFIG SET maxmemory 1");
  CHECK(must(store->run(Xlen{"s"})).value == 0);
  const Xadd entry = numbered(2);
  const auto full = delaying(*store).delay(std::span(&entry, 1), Due{true, kHour});
  REQUIRE(!full);
  CHECK(full.error().failure == Failure::store);
  server.ask("CONFIG SET maxmemory 0");
  CHECK(must(store->run(Xlen{"s"})).value == 1);
  CHECK(delayed(*store, "s").empty());
}

TEST_CASE("A message that a script could not append is not delayed", "[server]") {
  const Server server;
  const auto store = open_at(server);
  for (const std::size_t many : {3748U, 3749U}) {
    std::vector<Field> long_one(many, {"name", "v"});
    for (std::size_t i = 0; i < many; ++i) {
      long_one[i].name += std::to_string(i);
    }
    const Xadd entry{"s", {}, fields(long_one), true, std::nullopt};
    const auto handles = delaying(*store).delay(std::span(&entry, 1), Due{false, Millis(1)});
    CHECK((handles ? Failure() : handles.error().failure) == (many == 3748 ? Failure() : Failure::bad_input));
    CHECK(range(*store, "s").size() == 1);
  }
}

TEST_CASE("Where somebody else deletes the stream, the next message that is due makes it anew", "[server]") {
  const Server server;
  const auto store = open_at(server);
  delay_past(*store, "s");
  server.ask("DEL s");
  CHECK(must(store->run(Xlen{"s"})).value == 1);
}

TEST_CASE("All who wait on a stream are served in their order when a message becomes due", "[server]") {
  const Server server;
  const auto store = open_at(server);
  make_group(*store, "s", "g");
  std::vector<Result<StreamEntries>> found(3);
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&, i] {
      const auto reading = open_at(server);
      Xreadgroup read = group_read("s", "c" + std::to_string(i), std::nullopt, 1);
      read.block = Millis(0);
      found[static_cast<std::size_t>(i)] = reading->run(read);
    });
    server.wait_for_blocked(2 * (i + 1));
  }
  const std::vector<Xadd> entries{numbered(0), numbered(1), numbered(2)};
  must(delaying(*store).delay(entries, Due{true, Millis(30)}));
  readers.clear();
  for (std::size_t i = 0; i < found.size(); ++i) {
    REQUIRE(found[i]);
    REQUIRE(found[i]->size() == 1);
    CHECK(found[i]->front().entries.front().fields->pairs().front().value == std::to_string(i));
  }
}

}  // namespace weir::test
