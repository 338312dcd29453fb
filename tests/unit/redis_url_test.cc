#include "redis/wire/url.h"

#include <cstdlib>

#include "catch.h"

namespace weir {

using redis::check_is_no_broken_url;
using redis::is_server;
using redis::parse_redis_url;
using redis::url_elsewhere;
using redis::url_scheme;

TEST_CASE("A server's URL names host, port, database and login") {
  const auto at = parse_redis_url("redis://ann:p%40ss%3Aword@queue.example:7000/3");
  REQUIRE(at);
  CHECK(at->host == "queue.example");
  CHECK(at->port == 7000);
  CHECK(at->database == 3);
  CHECK(at->user == "ann");
  CHECK(at->password == "p@ss:word");
  CHECK(!at->tls);
  CHECK(at->name() == "queue.example:7000");
}

TEST_CASE("What begins as a server's URL and is none is refused, and not repeated") {
  for (const char* name :
       {"redis:/:secret@h/0", "redis:secret@h", "REDIS://:secret@h", "rediss:secret", "valkey:/secret",
        "valkeys:secret", "unix:/secret", "redis:", "redis//:secret@h", "REDISS//secret", "\"redis://:secret@h\"",
        "'valkey://:secret@h'", " redis://:secret@h", "\t\"redis:secret@h", "WEIR_DB=redis://:secret@h",
        "<rediss://:secret@h>", "\"foo://:secret@h\""}) {
    const auto checked = check_is_no_broken_url(name);
    REQUIRE(!checked);
    CHECK(checked.error().failure == Failure::usage);
    INFO(checked.error().message << checked.error().hint);
    CHECK((checked.error().message + checked.error().hint).find("secret") == std::string::npos);
  }
  for (const char* name :
       {"redis://h", "unix:///s", "./redis:x", "redis.db", "a:b", "redis", "/tmp/redis:x", "redis/q.db",
        "./redis://:x@h", "/tmp/./redis://:x@h", "a@b.db", "foo://a@h", "", " ", "'"}) {
    CHECK(check_is_no_broken_url(name));
  }
  CHECK(url_scheme("redis+sentinel://h") == "redis+sentinel");
  CHECK(url_scheme("a/b://c").empty());
}

TEST_CASE("What a server's URL leaves out has a standard value") {
  const auto at = parse_redis_url("valkey://queue");
  REQUIRE(at);
  CHECK(at->port == 6379);
  CHECK(at->database == 0);
  CHECK(at->user.empty());
  CHECK(at->password.empty());
  CHECK(parse_redis_url("redis://")->host == "127.0.0.1");
  CHECK(parse_redis_url("redis:///2")->database == 2);
}

TEST_CASE("An IPv6 address stands in brackets") {
  const auto at = parse_redis_url("redis://:secret@[::1]:7001/");
  REQUIRE(at);
  CHECK(at->host == "::1");
  CHECK(at->port == 7001);
  CHECK(at->name() == "[::1]:7001");
  CHECK(parse_redis_url("redis://[fe80::1]")->port == 6379);
  CHECK(!parse_redis_url("redis://fe80::1"));
  CHECK(!parse_redis_url("redis://[fe80::1"));
}

TEST_CASE("A socket is a path, with the database and the password as parameters") {
  const auto at = parse_redis_url("unix:///run/redis/redis.sock?db=2&password=a%26b");
  REQUIRE(at);
  CHECK(at->path == "/run/redis/redis.sock");
  CHECK(at->database == 2);
  CHECK(at->password == "a&b");
  CHECK(at->name() == "/run/redis/redis.sock");
  CHECK(parse_redis_url("unix:///tmp/a@b.sock")->path == "/tmp/a@b.sock");
  CHECK(parse_redis_url("unix://:pw@/tmp/s")->password == "pw");
  CHECK(!parse_redis_url("unix://"));
}

TEST_CASE("TLS has files for authorities and certificates") {
  const auto at = parse_redis_url("rediss://queue?cacert=/ca.pem&cert=/me.pem&key=/me.key");
  REQUIRE(at);
  CHECK(at->tls);
  CHECK(at->ca_file == "/ca.pem");
  CHECK(at->certificate_file == "/me.pem");
  CHECK(at->key_file == "/me.key");
  CHECK(!parse_redis_url("redis://queue?cacert=/ca.pem"));
}

TEST_CASE("A password from elsewhere is used where the URL has none") {
  const std::string other = "from elsewhere";
  CHECK(parse_redis_url("redis://queue", other)->password == other);
  CHECK(parse_redis_url("redis://ann@queue", other)->password == other);
  CHECK(parse_redis_url("redis://ann:mine@queue", other)->password == "mine");
  CHECK(parse_redis_url("unix:///s?password=mine", other)->password == "mine");
}

TEST_CASE("The beginning of a name tells a server from a file") {
  for (const char* server : {"redis://h", "rediss://h", "valkey://h", "valkeys://h", "unix:///s"}) {
    CHECK(is_server(server));
    CHECK(parse_redis_url(server));
  }
  CHECK(parse_redis_url("valkeys://h")->tls);
  for (const char* other : {"weir.db", "/a/redis://h", "redis:h", "://h", "foo://h", "redis"}) {
    CHECK_FALSE(is_server(other));
    CHECK_FALSE(parse_redis_url(other));
  }
  CHECK(url_scheme("foo://h") == "foo");
  CHECK(url_scheme("./foo://h").empty());
}

TEST_CASE("One server has many URLs") {
  const auto same = [](const char* a, const char* b) { return parse_redis_url(a)->is_same_place(*parse_redis_url(b)); };
  CHECK(same("redis://queue", "valkey://Queue:6379/0"));
  CHECK(same("redis://localhost", "redis://"));
  CHECK(same("redis://ann:a@queue", "rediss://bob:b@queue"));
  CHECK(same("unix:///run/s", "unix://:pw@/run/s?db=0"));
  CHECK_FALSE(same("redis://queue", "redis://queue/1"));
  CHECK_FALSE(same("redis://queue", "redis://queue:7000"));
  CHECK_FALSE(same("redis://queue", "redis://other"));
  CHECK_FALSE(same("unix:///run/s", "redis://"));
}

TEST_CASE("A URL for another process has no password, and names files from the root") {
  const auto elsewhere = [](const char* url) { return url_elsewhere(url, "/a?%&@b", false); };
  CHECK(elsewhere("redis://ann:secret@host:1/2") == "redis://ann@host:1/2");
  CHECK(elsewhere("redis://:s%40cret@host:1/2") == "redis://host:1/2");
  CHECK(elsewhere("redis://:a:b@c@[::1]:1") == "redis://[::1]:1");
  CHECK(elsewhere("redis://ann@host") == "redis://ann@host");
  CHECK(elsewhere("redis://host:1") == "redis://host:1");
  CHECK(elsewhere("unix:///s?password=a@b&db=1&password=c") == "unix:///s?db=1");
  CHECK(elsewhere("unix:///a:b@c?password=x") == "unix:///a:b@c");
  CHECK(elsewhere("unix://:pw@run/s?db=1") == "unix:///a%3F%25%26@b/run/s?db=1");
  CHECK(parse_redis_url(elsewhere("unix://s"))->path == "/a?%&@b/s");
  CHECK(elsewhere("unix://%2Fs") == "unix://%2Fs");
  CHECK(elsewhere("rediss://h?cacert=a.pem&cert=/b.pem&password=p&key=c.pem") ==
        "rediss://h?cacert=/a%3F%25%26@b/a.pem&cert=/b.pem&key=/a%3F%25%26@b/c.pem");
  const auto whole = [](const char* url) { return url_elsewhere(url, "/f", true); };
  CHECK(whole("redis://ann:secret@host/1") == "redis://ann:secret@host/1");
  CHECK(whole("unix://:secret@s?password=x") == "unix://:secret@/f/s?password=x");
}

TEST_CASE("A wrong URL is a usage error that repeats nothing of it") {
  for (const char* url :
       {"redis://:hunter2@host:port", "redis://:hunter2@host/x", "redis://:hunter2%@host", "redis://:hunter2@host:0",
        "redis://:hunter2@host?db=x", "http://:hunter2@host", "redis://:hunter2@host:70000",
        "redis://:hunter2@host?foo=1", "redis://:hunter2%zz@host", "redis://bob:pw?hunter2@host",
        "redis://bob:pw?hunter2=x@host", "redis://bob:pw?db=1&hunter2@host", "redis://bob:pw?db=hunter2@host"}) {
    const auto at = parse_redis_url(url);
    INFO(url);
    REQUIRE(!at);
    CHECK(at.error().failure == Failure::usage);
    CHECK_THAT(at.error().message + at.error().hint, !Catch::Matchers::ContainsSubstring("hunter2"));
  }
}

}  // namespace weir
