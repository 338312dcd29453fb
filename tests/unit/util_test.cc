#include <unistd.h>

#include <array>

#include "catch.h"
#include "util/clock.h"
#include "util/duration.h"
#include "util/line_reader.h"
#include "util/words.h"

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
}

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

TEST_CASE("The distance between words counts slips of the pen") {
  CHECK(edit_distance("xadd", "xadd") == 0);
  CHECK(edit_distance("xdad", "xadd") == 1);
  CHECK(edit_distance("xad", "xadd") == 1);
  CHECK(edit_distance("", "abc") == 3);
}

namespace {

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { REQUIRE(::pipe(ends.data()) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    finish();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void write(std::string_view text) const {
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void finish() {
    if (ends[1] >= 0) {
      ::close(ends[1]);
      ends[1] = -1;
    }
  }
};

}  // namespace

TEST_CASE("Lines come as soon as they are whole, the last one without a newline too") {
  Pipe pipe;
  LineReader reader(pipe.ends[0]);
  pipe.write("one\ntwo\nthr");
  REQUIRE(*reader.fill(1000));
  CHECK(reader.paused());
  CHECK(reader.next() == "one");
  CHECK(reader.next() == "two");
  CHECK_FALSE(reader.next());
  pipe.write("ee\n\nfour");
  pipe.finish();
  REQUIRE(*reader.fill(1000));
  CHECK(reader.next() == "three");
  CHECK(reader.next() == "");
  CHECK(reader.next() == "four");
  CHECK_FALSE(reader.next());
  CHECK_FALSE(*reader.fill(1000));
}
