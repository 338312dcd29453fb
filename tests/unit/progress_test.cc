#include "catch.h"
#include "cli/run/progress_line.h"

using namespace weir::cli;
using std::chrono::duration;

TEST_CASE("Progress is a count and a rate, and where the whole is known the share and the time left") {
  CHECK(progress_text({}, {1, 0, 0}, duration<double>(4)) == "1 message, 0.2/s");
  CHECK(progress_text({}, {40'000, 4'000'000, 10'000'000}, duration<double>(2)) ==
        "40000 messages, 20000/s, 40 %, 3.0s left");
  SECTION("what was there before is done, but not by this rate") {
    CHECK(progress_text({500, 500, 1'000}, {600, 600, 1'000}, duration<double>(10)) ==
          "600 messages, 10/s, 60 %, 40s left");
  }
  SECTION("a file that has grown has no known end") {
    CHECK(progress_text({}, {100, 1'001, 1'000}, duration<double>(10)) == "100 messages, 10/s");
  }
  SECTION("nothing is done yet") {
    CHECK(progress_text({}, {0, 0, 1'000}, duration<double>(1)) == "0 messages, 0.0/s, 0 %");
  }
}
