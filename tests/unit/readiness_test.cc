// Events of clients' sockets: epoll and kqueue report the same.
#include "server/readiness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "catch.h"
#include "system/pipe.h"

namespace weir::test {
namespace {

using server::Readiness;

constexpr std::uint64_t kToken = 0xFEDCBA9876543210;
constexpr std::chrono::seconds kSoon{10};

struct Ends {
  Fd ours;
  Fd theirs;
};

Ends unix_ends() {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds.data()) == 0);
  set_nonblocking(fds[0]);
  return {Fd(fds[0]), Fd(fds[1])};
}

Ends tcp_ends() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* place = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE(::bind(listener.get(), place, size) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  REQUIRE(::getsockname(listener.get(), place, &size) == 0);
  Fd theirs(::socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE(::connect(theirs.get(), place, size) == 0);
  Fd ours(::accept(listener.get(), nullptr, nullptr));
  REQUIRE(ours);
  set_nonblocking(ours.get());
  return {std::move(ours), std::move(theirs)};
}

void fill(int fd) {
  const std::array<char, 4096> bytes{};
  while (::send(fd, bytes.data(), bytes.size(), 0) > 0) {
  }
}

/// All that is said of the token at once.
Readiness::Event heard(Readiness& readiness, std::chrono::milliseconds timeout = kSoon) {
  Readiness::Event all;
  for (const Readiness::Event& event : readiness.wait(timeout)) {
    CHECK(event.token == kToken);
    all.token = event.token;
    all.readable = all.readable || event.readable;
    all.hung_up = all.hung_up || event.hung_up;
  }
  return all;
}

bool nothing(Readiness& readiness) {
  return readiness.wait(std::chrono::milliseconds(0)).empty();
}

Readiness watching(const Ends& ends) {
  auto readiness = Readiness::make();
  REQUIRE(readiness);
  REQUIRE(readiness->add(ends.ours.get(), kToken, true, false));
  return std::move(*readiness);
}

}  // namespace

TEST_CASE("What has come is told until it is read", "[readiness]") {
  const Ends ends = unix_ends();
  Readiness readiness = watching(ends);
  CHECK(nothing(readiness));
  REQUIRE(::write(ends.theirs.get(), "x", 1) == 1);
  for (int i = 0; i < 2; ++i) {
    const auto event = heard(readiness);
    CHECK(event.readable);
    CHECK_FALSE(event.hung_up);
  }
  char byte = 0;
  REQUIRE(::read(ends.ours.get(), &byte, 1) == 1);
  CHECK(nothing(readiness));
}

TEST_CASE("Only what is asked for is told", "[readiness]") {
  const Ends ends = unix_ends();
  Readiness readiness = watching(ends);
  REQUIRE(::write(ends.theirs.get(), "x", 1) == 1);
  readiness.change(ends.ours.get(), kToken, false, false);
  CHECK(nothing(readiness));
  readiness.change(ends.ours.get(), kToken, false, true);
  CHECK_FALSE(heard(readiness).readable);
  fill(ends.ours.get());
  CHECK(nothing(readiness));
  readiness.change(ends.ours.get(), kToken, true, true);
  CHECK(heard(readiness).readable);
  readiness.remove(ends.ours.get());
  CHECK(nothing(readiness));
}

TEST_CASE("Room to write is told once there is some", "[readiness]") {
  const Ends ends = unix_ends();
  Readiness readiness = watching(ends);
  fill(ends.ours.get());
  readiness.change(ends.ours.get(), kToken, true, true);
  CHECK(nothing(readiness));
  std::array<char, 65536> taken{};
  set_nonblocking(ends.theirs.get());
  while (::read(ends.theirs.get(), taken.data(), taken.size()) > 0) {
  }
  CHECK(heard(readiness).token == kToken);
}

TEST_CASE("A client that sends no more still takes answers", "[readiness]") {
  const Ends ends = GENERATE(0, 1) == 0 ? unix_ends() : tcp_ends();
  Readiness readiness = watching(ends);
  REQUIRE(::shutdown(ends.theirs.get(), SHUT_WR) == 0);
  auto event = heard(readiness);
  CHECK(event.readable);
  CHECK_FALSE(event.hung_up);
  readiness.change(ends.ours.get(), kToken, false, true);
  event = heard(readiness);
  CHECK_FALSE(event.hung_up);
}

TEST_CASE("A client that has gone is told of", "[readiness]") {
  SECTION("to who waits to send more") {
    Ends ends = unix_ends();
    Readiness readiness = watching(ends);
    fill(ends.ours.get());
    readiness.change(ends.ours.get(), kToken, false, true);
    ends.theirs.reset();
    CHECK(heard(readiness).hung_up);
  }
  SECTION("to who reads, where the connection is reset") {
    Ends ends = tcp_ends();
    Readiness readiness = watching(ends);
    const linger at_once{1, 0};
    REQUIRE(::setsockopt(ends.theirs.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    ends.theirs.reset();
    CHECK(heard(readiness).hung_up);
  }
}

TEST_CASE("A number that is used again is another's", "[readiness]") {
  Ends ends = unix_ends();
  Readiness readiness = watching(ends);
  readiness.change(ends.ours.get(), 1, false, true);
  readiness.remove(ends.ours.get());
  Ends next = unix_ends();
  REQUIRE(::dup2(next.ours.get(), ends.ours.get()) == ends.ours.get());
  REQUIRE(readiness.add(ends.ours.get(), kToken, true, false));
  CHECK(nothing(readiness));
  REQUIRE(::write(next.theirs.get(), "x", 1) == 1);
  CHECK(heard(readiness).readable);
}

TEST_CASE("The end of a pipe that is read can be waited for", "[readiness]") {
  const Pipe pipe = make_pipe();
  auto readiness = Readiness::make();
  REQUIRE(readiness);
  REQUIRE(readiness->add(pipe.read.get(), kToken, true, false));
  CHECK(nothing(*readiness));
  REQUIRE(::write(pipe.write.get(), "x", 1) == 1);
  CHECK(heard(*readiness).readable);
}

}  // namespace weir::test
