// Random sequences of commands on both engines: every reply must be the same.
#include <cstdlib>

#include "catch.h"
#include "contract/agreement.h"
#include "contract/engines.h"
#include "stream/upkeep.h"

namespace weir::test {
namespace {

/// $WEIR_SEED and $WEIR_SEQUENCES make another, longer run.
std::size_t setting(const char* name, std::size_t standard) {
  const char* value = std::getenv(name);
  return value == nullptr ? standard : std::stoul(value);
}

void compare(Profile profile) {
  constexpr std::size_t kLength = 60;
  Engine sqlite("sqlite");
  Engine server("redis-server");
  // To a server that does not know a command it answers nil in its place.
  profile.references = server.server().ask("COMMAND INFO xdelex").find("xdelex") != std::string::npos;
  // One that does not know CLAIM takes it for a mistake.
  profile.claim =
      server.server().ask("XREADGROUP GROUP g c CLAIM 0 STREAMS nothing >").find("NOGROUP") != std::string::npos;
  const std::size_t seed = setting("WEIR_SEED", 20261123);
  const std::size_t sequences = setting("WEIR_SEQUENCES", 60);
  for (std::size_t i = 0; i < sequences; ++i) {
    std::mt19937_64 random(seed + i);
    const Steps steps = generate(random, profile, kLength);
    if (!find_disagreement(sqlite.store(), server.store(), steps, profile)) {
      must(dynamic_cast<Upkeep&>(sqlite.store()).verify(false, [&](const Finding& finding) {
        FAIL_CHECK("after the sequence of seed " << seed + i << ": " << finding.rule << ": " << finding.what);
      }));
      continue;
    }
    const Steps shortest = shrink(sqlite.store(), server.store(), steps, profile);
    const auto difference = find_disagreement(sqlite.store(), server.store(), shortest, profile);
    FAIL_CHECK("sequence of seed " << seed + i << ":\n"
                                   << to_lines(shortest) << "sqlite: " << difference->left
                                   << "\nserver: " << difference->right);
  }
}

}  // namespace

TEST_CASE("Random commands are answered alike, lag included, while nothing is removed", "[random]") {
  compare({.removes = false, .transactions = false});
}

TEST_CASE("Random commands are answered alike, with removals", "[random]") {
  compare({.removes = true, .transactions = false});
}

TEST_CASE("Random transactions are answered alike, and are undone alike", "[random]") {
  compare({.removes = true, .transactions = true});
}

}  // namespace weir::test
