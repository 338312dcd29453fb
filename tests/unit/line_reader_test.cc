#include "io/line_reader.h"

#include <unistd.h>

#include <array>

#include "catch.h"

using namespace weir;

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
  io::LineReader reader(pipe.ends[0]);
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
