#include "text/words.h"

#include "catch.h"
#include "text/duration.h"

using namespace weir;

TEST_CASE("Durations are milliseconds or have a unit") {
  CHECK(parse_duration("5000") == 5000);
  CHECK(parse_duration("-1") == -1);
  CHECK(parse_duration("250ms") == 250);
  CHECK(parse_duration("5s") == 5'000);
  CHECK(parse_duration("10m") == 600'000);
  CHECK(parse_duration("2h") == 7'200'000);
  CHECK(parse_duration("7d") == 604'800'000);
  for (const char* wrong : {"", "s", "5 s", "1.5s", "-1s", "5x", "99999999999999999d"}) {
    CHECK_FALSE(parse_duration(wrong));
  }
  for (const char* word : {"0s", "999ms", "1500ms", "1s", "90s", "10m", "36h", "2d"}) {
    CHECK(duration_word(*parse_duration(word)) == word);
  }
}

TEST_CASE("The last line is the one before what is empty at the end") {
  CHECK(last_line("one\ntwo\r\n\n") == "two");
  CHECK(last_line("one") == "one");
  CHECK(last_line("\n\n").empty());
}

TEST_CASE("The distance between words counts slips of the pen") {
  CHECK(edit_distance("xadd", "xadd") == 0);
  CHECK(edit_distance("xdad", "xadd") == 1);
  CHECK(edit_distance("xad", "xadd") == 1);
  CHECK(edit_distance("", "abc") == 3);
}
