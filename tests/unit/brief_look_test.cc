// How often a wait begins with looking instead of sleeping.
#include "system/brief_look.h"

#include <utility>

#include "catch.h"

namespace weir::test {
namespace {

/// Of so many waits, how many looked; what is `there` comes only after the first look.
int looked(BriefLook& brief_look, int waits, bool there) {
  int looked = 0;
  for (int i = 0; i < waits; ++i) {
    bool looks = false;
    const bool found = brief_look.finds([&] { return std::exchange(looks, true) && there; });
    CHECK(found == (looks && there));
    looked += looks ? 1 : 0;
  }
  return looked;
}

}  // namespace

TEST_CASE("Who waits once sleeps at once", "[brief_look]") {
  BriefLook brief_look;
  CHECK(looked(brief_look, 1, true) == 0);
  CHECK(looked(brief_look, 1, true) == 1);
}

TEST_CASE("What comes soon is looked for each time", "[brief_look]") {
  BriefLook brief_look;
  CHECK(looked(brief_look, 101, true) == 100);
}

TEST_CASE("Where nothing comes it is hardly looked for, and where something comes again it is again", "[brief_look]") {
  BriefLook brief_look;
  CHECK(looked(brief_look, 1000, false) < 15);
  looked(brief_look, 256, true);
  CHECK(looked(brief_look, 100, true) == 100);
}

TEST_CASE("What was there already says nothing about what will come", "[brief_look]") {
  BriefLook brief_look;
  looked(brief_look, 1000, false);
  while (!brief_look.finds([] { return true; })) {
  }
  CHECK(looked(brief_look, 512, false) <= 3);
}

}  // namespace weir::test
