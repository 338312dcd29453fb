#include "worker/start_failures.h"

#include <optional>
#include <string>

#include "catch.h"

namespace weir::test {

using worker::StartFailures;

TEST_CASE("that commands cannot be started is told once, and once that they can") {
  StartFailures failures;
  const SteadyTime now{};
  CHECK_FALSE(failures.started(1, now));
  for (int round = 0; round < 2; ++round) {
    CHECK(failures.failed("no room", 0, now) == "weir: no room; trying again");
    CHECK_FALSE(failures.failed("no room", 0, now));
    CHECK(failures.started(1, now) == "weir: commands are started again, after 2 attempts that failed");
    CHECK_FALSE(failures.started(2, now));
  }
  CHECK(failures.failed("no room", 0, now));
  CHECK(failures.started(1, now) == "weir: commands are started again, after 1 attempt that failed");
}

TEST_CASE("with room for a part of the jobs, each that ends and makes room for another is no news") {
  StartFailures failures;
  SteadyTime now{};
  CHECK(failures.failed("no room", 32, now));
  for (int i = 0; i < 100; ++i) {
    now += std::chrono::seconds(1);
    CHECK_FALSE(failures.started(32, now));
    CHECK_FALSE(failures.failed("no room", 32, now));
  }
  SECTION("more at once are") {
    CHECK(failures.started(33, now) == "weir: commands are started again, after 101 attempts that failed");
  }
  SECTION("so is a while without a failure") {
    CHECK(failures.started(1, now + std::chrono::seconds(10)));
  }
}

}  // namespace weir::test
