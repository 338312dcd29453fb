// Tests of what only a server can do to weir: go away, come back, be slow.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <set>
#include <thread>

#include "catch.h"
#include "contract/helpers.h"
#include "redis/redis_store.h"
#include "system/fd.h"

namespace weir::test {
namespace {

using redis::open_redis_store;

const std::vector<std::string> kSafe{"--appendonly", "yes", "--appendfsync", "always"};

Xread blocked_read(Millis time) {
  Xread read;
  read.sources.push_back({"s", {Xread::From::Kind::end, {}}});
  read.block = time;
  return read;
}

/// Appends in batches while a thread kills the server once so many are in, and starts it again. Returns what was
/// answered, as pairs of an ID and the number in its entry.
std::set<std::pair<Id, std::string>> append_through_a_crash(Server& server, bool exact, std::size_t& errors) {
  constexpr std::size_t kBatch = 200;
  constexpr std::size_t kBatches = 60;
  const auto store = open_at(server);
  std::atomic<std::size_t> answered = 0;
  std::thread killer([&] {
    while (answered < kBatch * kBatches / 3) {
      std::this_thread::yield();
    }
    server.kill();
    server.start();
  });
  std::set<std::pair<Id, std::string>> ids;
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    std::vector<Xadd> entries;
    for (std::size_t i = 0; i < kBatch; ++i) {
      const std::uint64_t n = batch * kBatch + i;
      entries.push_back(numbered(n, exact ? exactly({n + 1, 1}) : NewId{}));
    }
    const auto answers = must(store->append(entries));
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i]) {
        ids.emplace(answers[i]->value(), std::to_string(batch * kBatch + i));
        continue;
      }
      ++errors;
      CHECK(answers[i].error().failure == Failure::store);
      CHECK_THAT(answers[i].error().message, Catch::Matchers::ContainsSubstring("not known"));
      CHECK(i + 1 == answers.size());
    }
    answered += kBatch;
  }
  killer.join();
  return ids;
}

std::set<std::pair<Id, std::string>> stored(const Server& server) {
  std::set<std::pair<Id, std::string>> ids;
  for (const Entry& entry : must(open_at(server)->run(Xrange{"s", kMinId, kMaxId, false, std::nullopt})).entries) {
    ids.emplace(entry.id, entry.fields->pairs().front().value);
  }
  return ids;
}

}  // namespace

TEST_CASE("Every ID that was answered survives kill -9 of a server that syncs always", "[server]") {
  Server server("redis-server", kSafe);
  std::size_t errors = 0;
  const auto answered = append_through_a_crash(server, false, errors);
  const auto there = stored(server);
  CHECK(std::includes(there.begin(), there.end(), answered.begin(), answered.end()));
}

TEST_CASE("Entries with IDs of their own go on through a crash: each is there once", "[server]") {
  Server server("redis-server", kSafe);
  std::size_t errors = 0;
  const auto answered = append_through_a_crash(server, true, errors);
  CHECK(errors == 0);
  CHECK(answered.size() == 12'000);
  CHECK(stored(server) == answered);
}

TEST_CASE("Entries that a busy server refuses for a moment are added once all the same", "[server]") {
  Server server("redis-server", {"--lua-time-limit", "5"});
  const auto store = open_at(server);
  std::atomic<std::size_t> begun = 0;
  std::thread busy([&] {
    for (std::size_t batch = 2; batch < 20; batch += 3) {
      while (begun < batch) {
        std::this_thread::yield();
      }
      server.ask("EVAL \"for i = 1, 10000000 do end\" 0");
    }
  });
  std::vector<std::vector<Xadd>> batches(20);
  for (std::uint64_t n = 0; n < batches.size() * 5000; ++n) {
    batches[n / 5000].push_back(numbered(n));
  }
  std::vector<Id> ids;
  Batch next(batches[0]);
  for (; begun < batches.size(); ++begun) {
    Batch now = std::exchange(next, begun + 1 < batches.size() ? Batch(batches[begun + 1]) : Batch());
    for (const auto& answer : must(dynamic_cast<Remote&>(*store).append(std::move(now), next))) {
      ids.push_back(answer ? answer->value() : kMinId);
    }
  }
  busy.join();
  CHECK(ids.size() == batches.size() * 5000);
  CHECK(must(store->run(Xlen{"s"})).value == ids.size());
  CHECK(std::set<Id>(ids.begin(), ids.end()).size() == ids.size());
}

TEST_CASE("What a server is too old for is said with the version that has it", "[server]") {
  const Server server;
  const auto store = must(open_redis_store(server.url(), {}));
  Xadd once{"s", {}, fields({{"a", "b"}}), true, {}};
  once.idempotence = std::make_shared<Idempotence>(Idempotence{"producer", "key"});
  Xadd acked{"s", {}, fields({{"a", "b"}}), true, Trim{}};
  acked.trim->references = References::acked;
  Xreadgroup claim{"g", "c", {{"s", {}}}, {}, Millis(1), false, Millis(1)};
  Xreadgroup limited{"g", "c", {{"s", {}}}, {}, {}, false, {}, {1, {}}};
  Xread blocked{{{"s", {Xread::From::Kind::last_entry, {}}}}, {}, Millis(1), {{}, 1}};
  const std::vector<std::pair<Request, std::string>> newer{{once, "8.6"},    {Xcfgset{"s", 5, {}}, "8.6"},
                                                           {acked, "8.2"},   {Xtrim{"s", *acked.trim}, "8.2"},
                                                           {claim, "8.4"},   {limited, "8.10"},
                                                           {blocked, "8.10"}};
  const bool is_old = server.ask("INFO server").find("redis_version:7.0") != std::string::npos;
  for (const auto& [request, version] : newer) {
    const auto reply = store->execute(request);
    if (is_old) {
      REQUIRE(!reply);
      CHECK_THAT(reply.error().hint, Catch::Matchers::EndsWith("it came with Redis " + version));
    }
  }
}

TEST_CASE("An interrupt ends a wait, not the attempt to reach a server that comes back", "[server]") {
  Server server("redis-server", kSafe);
  const auto store = open_at(server);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const Fd interrupt(ends[0]);
  const Fd writer(ends[1]);
  REQUIRE(write(writer.get(), "", 1) == 1);
  store->set_interrupt(interrupt.get());
  make_group(*store, "s", "g");
  Xreadgroup read = group_read("s", "c");
  read.block = Millis(0);
  for (int i = 0; i < 20; ++i) {
    CHECK(must(store->run(read)).empty());
  }
  const std::string stats = server.ask("INFO stats");
  const std::size_t at = stats.find("total_connections_received:") + std::strlen("total_connections_received:");
  CHECK(std::stoi(stats.substr(at)) < 8);
  server.kill();
  CHECK(must(store->run(read)).empty());
  std::thread starter([&] { server.start(); });
  CHECK(must(store->run(Xlen{"s"})).value == 0);
  starter.join();
  store->set_interrupt(-1);
}

TEST_CASE("A server that came back between two commands is simply used again", "[server]") {
  Server server("redis-server", kSafe);
  const auto store = open_at(server);
  must(store->run(numbered(1)));
  server.kill();
  server.start();
  must(store->run(numbered(2)));
  CHECK(must(store->run(Xlen{"s"})).value == 2);
}

TEST_CASE("A write without an answer is not known to be done, and is not repeated", "[server]") {
  Server server;
  StoreOptions options;
  options.lock_timeout = Millis(200);
  const auto store = must(open_redis_store(server.url(), options));
  server.stop();
  const auto reply = store->run(numbered(1));
  server.go_on();
  REQUIRE(!reply);
  CHECK(reply.error().failure == Failure::store);
  CHECK_THAT(reply.error().message, Catch::Matchers::ContainsSubstring("not known whether"));
  const auto other = open_at(server);
  while (must(other->run(Xlen{"s"})).value == 0) {
  }
  CHECK(must(other->run(Xlen{"s"})).value == 1);
}

TEST_CASE("A server that is not there is an error at once", "[server]") {
  const auto store = open_redis_store("unix:///nonexistent/socket", {});
  REQUIRE(!store);
  CHECK(store.error().failure == Failure::store);
  CHECK_THAT(store.error().message,
             Catch::Matchers::ContainsSubstring("cannot reach the server at /nonexistent/socket"));
}

TEST_CASE("A blocked read goes on when the server has come back, from where `$` was", "[server]") {
  Server server("redis-server", kSafe);
  const auto store = open_at(server);
  must(store->run(numbered(1)));
  Result<StreamEntries> reply;
  std::thread reader([&] { reply = store->run(blocked_read(Millis(0))); });
  server.wait_for_blocked(1);
  server.kill();
  server.start();
  must(open_at(server)->run(numbered(2)));
  reader.join();
  const StreamEntries streams = must(reply);
  REQUIRE(streams.size() == 1);
  CHECK(streams[0].entries[0].fields->json() == R"({"n":"2"})");
}

TEST_CASE("A blocked read keeps to its deadline though the server is gone", "[server]") {
  Server server;
  const auto store = open_at(server);
  Result<StreamEntries> reply;
  std::thread reader([&] { reply = store->run(blocked_read(Millis(300))); });
  server.wait_for_blocked(1);
  server.kill();
  reader.join();
  if (reply) {
    CHECK(reply->empty());
  } else {
    CHECK(reply.error().failure == Failure::store);
  }
}

TEST_CASE("An interrupted group read loses nothing that was delivered to it", "[server]") {
  Server server;
  const auto store = open_at(server);
  const auto other = open_at(server);
  must(store->run(XgroupCreate{"s", "g", Id{}, true, std::nullopt, false}));
  Xreadgroup read;
  read.group = "g";
  read.consumer = "c";
  read.sources.push_back({"s", std::nullopt});
  read.block = Millis(0);
  std::size_t returned = 0;
  for (std::uint64_t round = 0; round < 60; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const Fd out(ends[0]);
    const Fd in(ends[1]);
    store->set_interrupt(out.get());
    Result<StreamEntries> reply;
    std::thread reader([&] { reply = store->run(read); });
    server.wait_for_blocked(2);
    // Now one, now the other comes first; every third time nothing is added at all.
    if (round % 3 == 0) {
      must(other->run(numbered(round)));
    }
    CHECK(::write(in.get(), "x", 1) == 1);
    if (round % 3 == 1) {
      must(other->run(numbered(round)));
    }
    reader.join();
    for (const auto& stream : must(reply)) {
      returned += stream.entries.size();
    }
    CHECK(must(other->run(XpendingSummary{"s", "g"})).count == returned);
    // What came after the interrupt is still new.
    Xreadgroup rest = read;
    rest.block.reset();
    for (const auto& stream : must(other->run(rest))) {
      returned += stream.entries.size();
    }
  }
  CHECK(returned == 40);
}

}  // namespace weir::test
