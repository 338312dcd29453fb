// Points in time as people write them.
#include "text/moment.h"

#include <cstdlib>
#include <ctime>

#include "catch.h"

using namespace std::chrono_literals;
using weir::parse_moment;
using weir::parse_past;

namespace {

/// A zone with summer time, without the system's list of zones.
class Zone {
 public:
  explicit Zone(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
  ~Zone() {
    unsetenv("TZ");
    tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
};

constexpr const char* kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr std::chrono::milliseconds kNow = 1'795'849'200'000ms;  // 2026-11-28T07:00:00Z

}  // namespace

TEST_CASE("A time is read as Unix seconds, as a date with its zone, or in local time") {
  const Zone zone(kBerlin);
  CHECK(parse_moment("@1764576000", kNow) == 1'764'576'000'000ms);
  CHECK(parse_moment("@0", kNow) == 0ms);
  CHECK(parse_moment("@1764576000.5", kNow) == 1'764'576'000'500ms);
  CHECK(parse_moment("@1764576000.125", kNow) == 1'764'576'000'125ms);
  CHECK(parse_moment("2026-12-01T09:00Z", kNow) == 1'796'115'600'000ms);
  CHECK(parse_moment("2026-12-01T09:00:30Z", kNow) == 1'796'115'630'000ms);
  CHECK(parse_moment("2026-12-01T09:00+01:00", kNow) == 1'796'112'000'000ms);
  CHECK(parse_moment("2026-12-01T09:00-0330", kNow) == 1'796'128'200'000ms);
  CHECK(parse_moment("2026-12-01T09:00", kNow) == 1'796'112'000'000ms);
  CHECK(parse_moment("2026-12-01 09:00", kNow) == 1'796'112'000'000ms);
  CHECK(parse_moment("2026-12-01", kNow) == 1'796'079'600'000ms);
  CHECK(parse_moment("2026-07-01T09:00", kNow) == parse_moment("2026-07-01T07:00Z", kNow));
}

TEST_CASE("A time of day is the next one") {
  const Zone zone(kBerlin);
  CHECK(parse_moment("09:00", kNow) == parse_moment("2026-11-28T09:00", kNow));
  CHECK(parse_moment("08:00", kNow) == parse_moment("2026-11-29T08:00", kNow));  // it is eight there just now
  CHECK(parse_moment("08:00:01", kNow) == parse_moment("2026-11-28T08:00:01", kNow));
  CHECK(parse_moment("00:00", kNow) == parse_moment("2026-11-29", kNow));
  // The day on which a clock goes forward, and the next one.
  const auto before = *parse_moment("2026-03-28T12:00", kNow);
  CHECK(parse_moment("11:00", before) == parse_moment("2026-03-29T11:00", kNow));
  CHECK(parse_moment("02:30", before) == parse_moment("2026-03-29T01:30Z", kNow));  // there is none: the hour after it
  // The end of a month, and of a year.
  CHECK(parse_moment("09:00", *parse_moment("2026-12-31T10:00", kNow)) == parse_moment("2027-01-01T09:00", kNow));
}

TEST_CASE("What is no time is refused") {
  for (const char* text : {"",
                           "@",
                           "@x",
                           "@1.",
                           "@1.2345",
                           "@-1",
                           "@9999999999999",
                           "25:00",
                           "24:00",
                           "9:00",
                           "09:60",
                           "09:00:60",
                           "2026-02-29",
                           "2026-13-01",
                           "2026-00-10",
                           "2026-12-01T",
                           "2026-12-01T09",
                           "2026-12-01T09:00Zx",
                           "2026-12-01T09:00+1",
                           "2026-12-01Z",
                           "2026-12-01T09:00 ",
                           "tomorrow",
                           "1764576000",
                           "09:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_moment(text, kNow));
  }
}

TEST_CASE("What is past is so long ago, or the last time of day") {
  const Zone zone(kBerlin);
  CHECK(parse_past("2h", kNow) == kNow - 2h);
  CHECK(parse_past("0s", kNow) == kNow);
  CHECK(parse_past("250ms", kNow) == kNow - 250ms);
  CHECK(parse_past("08:00", kNow) == kNow);
  CHECK(parse_past("08:00:01", kNow) == kNow + 1s - 24h);
  CHECK(parse_past("07:59", kNow) == kNow - 1min);
  CHECK(parse_past("2026-12-01", kNow) == parse_moment("2026-12-01", kNow));
  CHECK(parse_past("@5", kNow) == 5s);
}

TEST_CASE("The last time of day is found on days of 23 and 25 hours") {
  const Zone zone(kBerlin);
  const auto spring = *parse_moment("2026-03-29T09:30", kNow);
  CHECK(parse_past("09:00", spring) == spring - 30min);
  CHECK(parse_past("10:00", spring) == *parse_moment("2026-03-28T10:00", kNow));
  const auto autumn = *parse_moment("2026-10-25T09:30", kNow);
  CHECK(parse_past("09:00", autumn) == autumn - 30min);
  CHECK(parse_past("10:00", autumn) == *parse_moment("2026-10-24T10:00", kNow));
}

TEST_CASE("What is no past time is refused") {
  for (const char* text : {"", "h", "-2h", "1000000d", "5000", "1526919030474", "25:00", "yesterday"}) {
    INFO(text);
    CHECK_FALSE(parse_past(text, kNow));
  }
}
