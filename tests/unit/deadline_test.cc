#include "catch.h"
#include "system/clock.h"

using namespace weir;

TEST_CASE("A wait that is longer than the clock lasts does not end at once") {
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now();
  CHECK(later(now, milliseconds(5)) == now + milliseconds(5));
  for (const milliseconds wait : {milliseconds(10'000'000'000'000), milliseconds::max()}) {
    CHECK(later(now, wait) == SteadyTime::max());
    CHECK_FALSE(Deadline::after(wait).passed());
    CHECK(Deadline::after(wait).left(milliseconds(100)) == milliseconds(100));
  }
}
