// The keys beside a stream on a server.
#include "redis/sidecar_key.h"

#include <set>

#include "catch.h"
#include "redis/wire/cluster.h"

namespace weir::redis {

TEST_CASE("A key beside a stream is in the stream's slot, whatever the stream is called") {
  const std::string names[] = {"",
                               "orders",
                               "{t}orders",
                               "a{t}b{u}",
                               "{}",
                               "{}a",
                               "a{}",
                               "}",
                               "}{",
                               "a}b",
                               "{a",
                               "a{b",
                               "{{bar}}zap",
                               "foo{{}}b",
                               "{}{bar}",
                               "{}}",
                               "a\nb c",
                               "weir:due:{t}t",
                               std::string("\0}", 2),
                               std::string(1000, '}')};
  std::set<std::string> keys;
  for (const std::string& name : names) {
    for (const char* purpose : {"due", "bell"}) {
      const std::string key = sidecar_key(purpose, name);
      INFO(key);
      CHECK(slot_of(key) == slot_of(name));
      CHECK(is_sidecar_key(key));
      CHECK(key.ends_with("}" + name));
      keys.insert(key);
    }
  }
  CHECK(keys.size() == 2 * std::size(names));
}

TEST_CASE("A tag is shown as the stream's own where that can be") {
  CHECK(sidecar_key("due", "orders") == "weir:due:{orders}orders");
  CHECK(sidecar_key("due", "{shop}orders") == "weir:due:{shop}{shop}orders");
}

TEST_CASE("Names of streams are told from keys beside them") {
  for (const char* name : {"weir", "weir:", "weir:orders", "weir:due:orders", "weir::{t}a", "weir:due:{t", "orders",
                           "weir:Due:{t}a", "weir:a b:{t}a", "xweir:due:{t}a"}) {
    CHECK(!is_sidecar_key(name));
  }
}

}  // namespace weir::redis
