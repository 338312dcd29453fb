#include "redis/translate/retry_consumer.h"

#include <set>

#include "catch.h"

namespace weir {

using redis::released_by;
using redis::retry_consumer;
using redis::retry_horizon;

namespace {

// What is shown of a wait, some time after it was given back.
Released shown(Millis wait, Millis since) {
  const Millis horizon = retry_horizon(wait);
  return *released_by(retry_consumer(horizon, 0), horizon - wait + since);
}

}  // namespace

TEST_CASE("A server keeps a wait of whole seconds exactly") {
  for (const std::int64_t seconds : {0, 1, 7, 60, 3600, 7 * 86400, 366 * 86400}) {
    const Millis wait(seconds * 1000);
    CHECK(shown(wait, Millis(0)).waited == Millis(0));
    CHECK(shown(wait, Millis(5)).waited == Millis(5));
    CHECK(shown(wait, wait).left == Millis(0));
  }
}

TEST_CASE("Of any other wait nothing is shown that did not happen, and no more than an eighth too little") {
  for (std::int64_t ms = 1; ms < 5'000'000'000; ms += ms / 7 + 1) {
    const Millis wait(ms);
    INFO(ms);
    CHECK(retry_horizon(wait) >= wait);
    CHECK(shown(wait, Millis(0)).waited == Millis(0));
    CHECK(shown(wait, Millis(0)).left == wait);
    CHECK(shown(wait, wait).waited <= wait);
    CHECK(shown(wait, wait).waited >= wait - wait / 8 - Millis(1));
  }
}

TEST_CASE("The waits that are no whole seconds need few consumers") {
  std::set<Millis> horizons;
  for (std::int64_t ms = 1; ms < 100'000; ++ms) {
    if (ms % 1000 != 0) {
      horizons.insert(retry_horizon(Millis(ms)));
    }
  }
  CHECK(horizons.size() < 8 * 17);
}

TEST_CASE("What waits for another has waited since it was put there") {
  const auto released = released_by(retry_consumer(kWaitsForAnother, 0), Millis(70));
  CHECK(released->waited == Millis(70));
  CHECK(released->left == kWaitsForAnother);
  CHECK_FALSE(released_by("ann", Millis(70)));
}

}  // namespace weir
