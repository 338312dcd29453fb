#include "system/socket.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "catch.h"
#include "system/fd.h"

namespace weir::test {
namespace {

std::array<Fd, 2> ends() {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) == 0);
  return {Fd(fds[0]), Fd(fds[1])};
}

}  // namespace

TEST_CASE("Whether the other end has closed a connection is seen without reading from it", "[socket]") {
  auto [ours, theirs] = ends();
  CHECK_FALSE(other_end_has_closed(ours.get()));
  SECTION("it is there, and has sent something") {
    REQUIRE(::write(theirs.get(), "x", 1) == 1);
    CHECK_FALSE(other_end_has_closed(ours.get()));
    char byte = 0;
    CHECK(::read(ours.get(), &byte, 1) == 1);
  }
  SECTION("it sends no more") {
    REQUIRE(::shutdown(theirs.get(), SHUT_WR) == 0);
    CHECK(other_end_has_closed(ours.get()));
  }
  SECTION("it has sent something and gone") {
    REQUIRE(::write(theirs.get(), "x", 1) == 1);
    theirs.reset();
    CHECK(other_end_has_closed(ours.get()));
  }
}

TEST_CASE("To send to who has gone is an error, not the end of the program", "[socket]") {
  auto [ours, theirs] = ends();
  REQUIRE(send_without_signal(ours.get()));
  theirs.reset();
  CHECK(::send(ours.get(), "x", 1, kNoSignal) == -1);
  CHECK(errno == EPIPE);
}

}  // namespace weir::test
