// Whether a process gives the processor away depends on how long questions take with and without giving way.
#include "system/give_way.h"

#include "catch.h"

namespace weir::test {
namespace {

using std::chrono::microseconds;

/// Of `count` waits in a row, before how many it was given away; each takes so long with it, and so long without.
int given(GiveWay& give_way, GiveWay::Time& now, int count, microseconds with, microseconds without) {
  int often = 0;
  for (int i = 0; i < count; ++i) {
    const bool pays = give_way.pays(now);
    often += pays ? 1 : 0;
    now += pays ? with : without;
  }
  return often;
}

}  // namespace

TEST_CASE("Where answers come sooner so, the processor is given away before nearly every wait") {
  GiveWay give_way;
  GiveWay::Time now;
  CHECK(given(give_way, now, 16, microseconds(130), microseconds(150)) == 0);
  CHECK(given(give_way, now, 10'000, microseconds(130), microseconds(150)) > 9'800);
}

TEST_CASE("Where others keep the processor it is given away ever more rarely, and again when they are gone") {
  GiveWay give_way;
  GiveWay::Time now;
  CHECK(given(give_way, now, 1'000, microseconds(2'000), microseconds(150)) < 20);
  CHECK(given(give_way, now, 100'000, microseconds(2'000), microseconds(150)) < 100);
  given(give_way, now, 10'000, microseconds(130), microseconds(150));
  CHECK(given(give_way, now, 10'000, microseconds(130), microseconds(150)) > 9'800);
}

TEST_CASE("As soon as others come who keep the processor it is no longer given away") {
  GiveWay give_way;
  GiveWay::Time now;
  given(give_way, now, 5'000, microseconds(130), microseconds(150));
  CHECK(given(give_way, now, 1'000, microseconds(2'000), microseconds(150)) < 20);
}

}  // namespace weir::test
