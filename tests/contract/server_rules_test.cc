// Rules of a server that weir must follow: passwords, access rules, transactions, sizes, versions.
#include <cstdlib>

#include "catch.h"
#include "contract/helpers.h"
#include "redis/redis_store.h"
#include "redis/wire/reply_types.h"

namespace weir::test {

using redis::open_redis_store;

TEST_CASE("What was sent ahead and is not asked for again does not answer for other entries", "[server]") {
  const Server server;
  const auto store = open_at(server);
  auto& remote = dynamic_cast<Remote&>(*store);
  constexpr std::uint64_t kBatch = 3000;
  std::vector<Xadd> first;
  std::vector<Xadd> second;
  std::vector<Xadd> others;
  for (std::uint64_t n = 0; n < kBatch; ++n) {
    first.push_back(numbered(n));
    second.push_back(numbered(kBatch + n));
    others.push_back(Xadd{"other", {}, fields({{"n", std::to_string(n)}}), true, std::nullopt});
  }
  Batch next(second);
  CHECK(must(remote.append(Batch(first), next)).size() == kBatch);
  std::vector<Id> ids;
  SECTION("but others are added") {
    ids = append(*store, others);
  }
  SECTION("but something else is asked") {
    CHECK(must(store->run(Xlen{"other"})).value == 0);
    ids = append(*store, others);
  }
  CHECK(range(*store, "other") == ids);
}

TEST_CASE("Where the user must not undo, nothing is begun", "[server]") {
  Server server;
  const auto store = open_at(server);
  must(store->run(numbered(1, exactly({5, 0}))));
  const std::vector<Request> requests{numbered(2), numbered(3, exactly({5, 0}))};
  for (const char* command : {"restore", "del"}) {
    server.ask(std::string("ACL SETUSER default +restore +del -") + command);
    std::vector<Request> all = requests;
    all.push_back(Xadd{"new", {}, fields({{"f", "v"}}), true, std::nullopt});
    const auto replies = must(store->transact(all, Store::OnRefusal::undo));
    // The words of 7.0, and of later ones.
    CHECK_THAT(replies.back().error().message, Catch::Matchers::ContainsSubstring("can't run this command") ||
                                                   Catch::Matchers::ContainsSubstring("has no permissions to run"));
    CHECK(must(store->run(Xlen{"s"})).value == 1);
    CHECK(must(store->run(Xlen{"new"})).value == 0);
  }
}

TEST_CASE("What access rules forbid in the middle is found before anything is done", "[server]") {
  Server server;
  const auto store = open_at(server);
  must(store->run(numbered(1, exactly({1, 0}))));
  make_group(*store, "s", "g");
  deliver(*store, "s", "c");
  const std::vector<Request> requests{Xack{"s", "g", {{1, 0}}, "c", true}, Xdel{"s", {{1, 0}}}, numbered(2)};
  for (const char* forbid :
       {"ACL SETUSER default -xadd", "ACL SETUSER default +xadd -xdel", "ACL SETUSER default +xdel -xack"}) {
    INFO(forbid);
    server.ask(forbid);
    const auto replies = store->transact(requests, Store::OnRefusal::undo);
    REQUIRE(replies);
    CHECK(!replies->back());
    CHECK(pending(*store, "s").size() == 1);
    CHECK(must(store->run(Xlen{"s"})).value == 1);
    server.ask("ACL SETUSER default +xack");
  }
}

TEST_CASE("A server without memory does all of a transaction or nothing", "[server]") {
  Server server;
  const auto store = open_at(server);
  must(store->run(numbered(1, exactly({1, 0}))));
  server.ask("CONFIG SET maxmemory 1");
  const std::vector<Request> requests{numbered(2), Xdel{"s", {{1, 0}}}};
  const auto replies = must(store->transact(requests, Store::OnRefusal::undo));
  const bool done = replies.back().has_value();
  CHECK(must(store->run(Xlen{"s"})).value == 1);
  CHECK((range(*store, "s").front() == Id{1, 0}) == !done);
}

TEST_CASE("A refusal in what is to be undone tells where", "[server]") {
  Server server;
  const auto store = open_at(server);
  server.ask("SET other x");
  const Xadd wrong{"other", {}, fields({{"f", "v"}}), true, std::nullopt};
  const std::vector<Request> requests{numbered(1), numbered(2), wrong, numbered(3)};
  const auto replies = must(store->transact(requests, Store::OnRefusal::undo));
  CHECK(replies.size() == 3);
  CHECK(must(store->run(Xlen{"s"})).value == 0);
}

TEST_CASE("Where the user must not use transactions, none of one is done", "[server]") {
  Server server;
  const auto store = open_at(server);
  must(store->run(numbered(1)));
  must(store->run(XgroupCreate{"s", "g", Id{}, false, std::nullopt, false}));
  must(store->run(Xreadgroup{"g", "ann", {{"s", std::nullopt}}, std::nullopt, std::nullopt, false}));
  server.ask("ACL SETUSER default -@transaction");
  Xautoclaim claim;
  claim.stream = "s";
  claim.group = "g";
  claim.consumer = "bob";
  CHECK_THAT(store->run(claim).error().message, Catch::Matchers::StartsWith("NOPERM"));
  CHECK(must(store->run(XpendingSummary{"s", "g"})).consumers[0].name == "ann");
}

TEST_CASE("What is too long for a transaction on a server is refused before anything is done", "[server]") {
  Server server;
  const auto store = open_at(server);
  std::vector<Field> many(4000, {"name", "v"});
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].name += std::to_string(i);
  }
  for (const NewId id : {NewId{}, exactly({1, 1})}) {
    const std::vector<Request> requests{numbered(1), Xadd{"s", id, fields(many), true, std::nullopt}};
    const auto replies = store->transact(requests, Store::OnRefusal::undo);
    REQUIRE(!replies);
    CHECK(replies.error().failure == Failure::bad_input);
    CHECK(must(store->run(Xlen{"s"})).value == 0);
  }
}

TEST_CASE("What a server never takes is given up", "[server]") {
  Server server("redis-server", {"--proto-max-bulk-len", "1mb"});
  const auto store = open_at(server);
  const Xadd large{"s", exactly({1, 1}), fields({{"f", std::string(3'000'000, 'x')}}), true, std::nullopt};
  const auto answers = must(store->append(std::span(&large, 1)));
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].error().failure == Failure::store);
}

TEST_CASE("A password is in no message, not even in one that the server makes of it", "[server]") {
  const Server server("redis-server", {"--rename-command", "AUTH", ""});
  const auto store = open_redis_store("unix://joe:hunter2@" + server.socket(), {});
  REQUIRE(!store);
  CHECK_THAT(store.error().message + store.error().hint, !Catch::Matchers::ContainsSubstring("hunter2"));
}

TEST_CASE("The size of a stream is what the server says, and an estimate where it must not say it", "[server]") {
  Server server;
  const auto store = open_at(server);
  for (std::uint64_t n = 0; n < 1000; ++n) {
    must(store->run(numbered(n)));
  }
  CHECK(server.ask("MEMORY USAGE s") == ":" + std::to_string(must(store->size("s"))) + "\r\n");
  CHECK(store->size("nothing").error().message == "ERR no such key");
  server.ask("ACL SETUSER default -memory");
  CHECK(must(store->size("s")) > 10'000);
}

TEST_CASE("A server is spoken to in RESP3 where hiredis reads it, and in RESP2 where it takes no HELLO", "[server]") {
  const std::string login = GENERATE("", "ann:s3cr3t@");
  const Server server;
  server.ask("ACL SETUSER ann on >s3cr3t ~* +@all");
  const auto store = must(open_redis_store("unix://" + login + server.socket(), {}));
  add(*store, "s", {1, 1});
  CHECK(must(store->run(XinfoStream{"s"})).last_generated_id == Id{1, 1});
  CHECK((server.ask("CLIENT LIST").find("resp=3") != std::string::npos) == redis::kReadsResp3);
  server.ask("ACL SETUSER default -hello");
  server.ask("ACL SETUSER ann -hello");
  const auto other = must(open_redis_store("unix://" + login + server.socket(), {}));
  CHECK(ids_of(must(other->run(read_after("s", {})))[0].entries) == std::vector<Id>{{1, 1}});
}

TEST_CASE("A password opens the server, and is in no message", "[server]") {
  const std::string secret = "s3cr3t:/@";
  Server server("redis-server", {"--requirepass", secret});
  CHECK(open_redis_store("unix://:s3cr3t%3a%2F%40@" + server.socket(), {}));
  CHECK(open_redis_store("unix://default:s3cr3t%3a%2F%40@" + server.socket(), {}));
  CHECK(open_redis_store(server.url() + "?password=s3cr3t:/@", {}));

  const auto wrong = open_redis_store("unix://:wr0ng@" + server.socket(), {});
  REQUIRE(!wrong);
  CHECK(wrong.error().failure == Failure::store);
  CHECK_THAT(wrong.error().message + wrong.error().hint, !Catch::Matchers::ContainsSubstring("wr0ng"));
  CHECK_THAT(wrong.error().message, Catch::Matchers::ContainsSubstring("WRONGPASS"));

  const auto none = must(open_redis_store(server.url(), {}))->run(Xlen{"s"});
  REQUIRE(!none);
  CHECK(none.error().failure == Failure::store);
  CHECK_THAT(none.error().hint, Catch::Matchers::ContainsSubstring("$WEIR_REDIS_PASSWORD"));

  StoreOptions options;
  options.password = secret;
  const auto from_elsewhere = open_redis_store(server.url(), options);
  REQUIRE(from_elsewhere);
  CHECK((*from_elsewhere)->run(Xlen{"s"}));
}

TEST_CASE("A database is chosen by its number", "[server]") {
  Server server;
  const auto second = must(open_redis_store(server.url() + "?db=2", {}));
  must(second->run(numbered(1)));
  CHECK(must(open_at(server)->run(Xlen{"s"})).value == 0);
  must(open_at(server)->run(Flushall()));
  CHECK(must(second->run(Xlen{"s"})).value == 1);
}

TEST_CASE("A key that is no stream is not listed, and refused with the server's words", "[server]") {
  Server server;
  server.ask("SET text 1");
  const auto store = open_at(server);
  must(store->run(numbered(1)));
  CHECK(must(store->run(Keys{"*"})).names == std::vector<std::string>{"s"});
  const auto reply = store->run(Xlen{"text"});
  REQUIRE(!reply);
  CHECK(reply.error().failure == Failure::refused);
  CHECK_THAT(reply.error().message, Catch::Matchers::StartsWith("WRONGTYPE"));
}

TEST_CASE("What a server does not know is a usage error that names its version", "[server]") {
  Server server("redis-server", {"--rename-command", "XTRIM", ""});
  const auto reply = open_at(server)->run(Xtrim{"s", {}});
  REQUIRE(!reply);
  CHECK(reply.error().failure == Failure::usage);
  CHECK_THAT(reply.error().hint, Catch::Matchers::ContainsSubstring("the server is Redis ") ||
                                     Catch::Matchers::ContainsSubstring("the server is Valkey "));
  CHECK_THAT(reply.error().hint,
             Catch::Matchers::ContainsSubstring("weir-servers(1) says what came with which version"));
}

TEST_CASE("A replica is named as what it is", "[server]") {
  Server server;
  server.ask("REPLICAOF 127.0.0.1 1");
  const auto reply = open_at(server)->run(numbered(1));
  REQUIRE(!reply);
  CHECK(reply.error().failure == Failure::store);
  CHECK_THAT(reply.error().hint, Catch::Matchers::ContainsSubstring("master"));
}

}  // namespace weir::test
