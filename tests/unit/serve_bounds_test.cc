// How much memory one client of `weir serve` may take.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "catch.h"
#include "support/served.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace weir {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using test::Served;

constexpr std::size_t kMega = 1024 * 1024;

/// An entry of so many bytes. The answer to who reads it is larger than what a socket holds.
std::string add_large(std::size_t size) {
  return "*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$3\r\n1-1\r\n$1\r\nf\r\n$" + std::to_string(size) + "\r\n" +
         std::string(size, 'x') + "\r\n";
}

Served made(const test::TempDir& folder, const server::Bounds& bounds) {
  server::Options options;
  options.bounds = bounds;
  return Served(folder.path(), options);
}

}  // namespace

TEST_CASE("Who leaves too much lying is dropped, and the log says why", "[serve]") {
  const test::TempDir folder;
  server::Bounds bounds;
  bounds.out = 4 * kMega;
  const Served server = made(folder, bounds);
  REQUIRE(server.answer(add_large(8 * kMega)) == "$3\r\n1-1\r\n");
  const Fd slow = server.connect();
  test::send_all(slow, "XRANGE s - +\r\n");
  CHECK(test::soon([&] { return !server.told().empty(); }));
  CHECK_THAT(server.told(), ContainsSubstring("is dropped: it leaves more than 4194304 bytes of answers lying\n"));
  CHECK(test::receive_all(slow).size() < 8 * kMega);
  CHECK(server.answer("XLEN s\r\n") == ":1\r\n");
}

TEST_CASE("Who leaves much lying for long is dropped, and the log says why", "[serve]") {
  const test::TempDir folder;
  server::Bounds bounds;
  bounds.slow_out = 4 * kMega;
  bounds.slow = std::chrono::seconds(0);
  const Served server = made(folder, bounds);
  REQUIRE(server.answer(add_large(8 * kMega)) == "$3\r\n1-1\r\n");
  const Fd slow = server.connect();
  test::send_all(slow, "XRANGE s - +\r\n");
  CHECK(test::soon([&] { return !server.told().empty(); }));
  CHECK_THAT(server.told(),
             ContainsSubstring("is dropped: it has left more than 4194304 bytes of answers lying for 0 s\n"));
  CHECK(test::receive_all(slow).size() < 8 * kMega);
  CHECK(server.answer("XLEN s\r\n") == ":1\r\n");
}

TEST_CASE("Who takes what is much in time is not dropped", "[serve]") {
  const test::TempDir folder;
  server::Bounds bounds;
  bounds.slow_out = 1;
  bounds.slow = std::chrono::hours(1);
  const Served server = made(folder, bounds);
  REQUIRE(server.answer(add_large(8 * kMega)) == "$3\r\n1-1\r\n");
  CHECK(server.answer("XRANGE s - +\r\n").size() > 8 * kMega);
  CHECK(server.told().empty());
}

TEST_CASE("What waits for EXEC has a bound, and what has been refused is not done", "[serve]") {
  const test::TempDir folder;
  server::Bounds bounds;
  bounds.queued = 10'000;
  const Served server = made(folder, bounds);
  const std::string refused = "-ERR the transaction is too large\r\n";
  const std::string aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n";
  CHECK(server.answer("MULTI\r\n" + add_large(11'000) + "EXEC\r\nEXISTS s\r\n") ==
        "+OK\r\n" + refused + aborted + ":0\r\n");

  std::string lines;
  for (int i = 0; i < 100; ++i) {
    lines += "CLIENT ID\r\n";  // short, and remembered all the same
  }
  const std::string answers = server.answer("MULTI\r\nXADD s 1-1 f v\r\n" + lines + "EXEC\r\nEXISTS s\r\n");
  CHECK_THAT(answers, ContainsSubstring("+QUEUED\r\n" + refused));
  CHECK_THAT(answers, ContainsSubstring(refused + aborted + ":0\r\n"));

  const std::string queued = "+OK\r\n+QUEUED\r\n";
  const std::string id = "$3\r\n1-1\r\n";
  CHECK(server.answer("MULTI\r\n" + add_large(9'000) + "DISCARD\r\nMULTI\r\n" + add_large(9'000) + "EXEC\r\n") ==
        queued + "+OK\r\n" + queued + "*1\r\n" + id);
}

TEST_CASE("What is larger than a client may leave lying is not even gathered", "[serve]") {
  const test::TempDir folder;
  server::Bounds bounds;
  bounds.out = 100'000;
  const Served server = made(folder, bounds);
  constexpr int kEntries = 200;
  std::string added = "XGROUP CREATE s g 0 MKSTREAM\r\n";
  for (int i = 0; i < kEntries; ++i) {
    added += "XADD s * f " + std::string(1000, 'x') + "\r\n";
  }
  server.answer(added);
  const std::string refused = "-ERR the answer would be too large, ask for less at a time (COUNT)\r\n";
  CHECK(server.answer("XRANGE s - +\r\n") == refused);
  CHECK(server.answer("XREVRANGE s + - COUNT 199\r\n") == refused);
  CHECK(server.answer("XINFO STREAM s FULL COUNT 0\r\n") == refused);
  CHECK_THAT(server.answer("XRANGE s - + COUNT 50\r\n"), StartsWith("*50\r\n"));

  std::string lines;
  for (int i = 0; i < 10; ++i) {
    lines += "XRANGE s - + COUNT 50\r\n";
  }
  const std::string answer = server.answer("MULTI\r\n" + lines + "XADD t 1-1 f v\r\nEXEC\r\n");
  CHECK_THAT(answer, ContainsSubstring("*11\r\n*50\r\n"));
  CHECK_THAT(answer, ContainsSubstring(refused + "$3\r\n1-1\r\n"));
  CHECK(answer.size() < 2 * bounds.out);

  // What a read leaves is for the next one.
  const auto entries = [](const std::string& text) {
    std::size_t found = 0;
    for (std::size_t at = text.find("$1000\r\n"); at != std::string::npos; at = text.find("$1000\r\n", at + 1)) {
      ++found;
    }
    return found;
  };
  CHECK(entries(server.answer("XREAD STREAMS s 0\r\n")) < kEntries);
  std::size_t given = 0;
  for (int i = 0; i < 3; ++i) {
    const std::size_t more = entries(server.answer("XREADGROUP GROUP g c STREAMS s >\r\n"));
    CHECK(more < kEntries);
    given += more;
  }
  CHECK(given == kEntries);

  // What a claim leaves stays as it is, and XAUTOCLAIM says where to go on.
  const std::string first = server.answer("XRANGE s - + COUNT 1\r\n");
  const std::size_t dash = first.find('-');
  const std::size_t begin = first.rfind('\n', dash) + 1;
  const std::string id = first.substr(begin, first.find('\r', dash) - begin);
  std::string claim = "XCLAIM s g d 0";
  for (int i = 0; i < 1000; ++i) {
    claim += " " + id;
  }
  const std::size_t claimed = entries(server.answer(claim + "\r\n"));
  CHECK((claimed > 0 && claimed < kEntries));
  const std::string some = server.answer("XAUTOCLAIM s g e 0 0 COUNT 1000\r\n");
  CHECK((entries(some) > 0 && entries(some) < kEntries));
  CHECK(some.find("\r\n0-0\r\n") == std::string::npos);
}

TEST_CASE("Lists that have no COUNT, or a large one, have the same bound", "[serve]") {
  const test::TempDir folder;
  server::Bounds bounds;
  bounds.out = 50'000;
  const Served server = made(folder, bounds);
  constexpr int kMany = 600;
  std::string added;
  for (int i = 0; i < kMany; ++i) {
    added += fmt::format("XADD s * f v\r\nXADD stream{0} * f v\r\nXGROUP CREATE t g{0} 0 MKSTREAM\r\n", i);
  }
  for (int i = 0; i < kMany; ++i) {
    added += fmt::format("XGROUP CREATECONSUMER t g1 c{}\r\n", i);
  }
  server.answer(added + "XGROUP CREATE s g 0\r\nXREADGROUP GROUP g c COUNT 300 STREAMS s >\r\n");
  server.answer("XREADGROUP GROUP g c COUNT 300 STREAMS s >\r\n");
  const std::string refused = "-ERR the answer would be too large, ask for less at a time (COUNT)\r\n";
  for (const char* asked : {"XPENDING s g - + 1000000000", "XPENDING s g IDLE 0 - + 1000000000 c", "KEYS *",
                            "XINFO STREAM s FULL COUNT 500", "XINFO GROUPS t", "XINFO CONSUMERS t g1"}) {
    CAPTURE(asked);
    CHECK(server.answer(std::string(asked) + "\r\n") == refused);
  }
  CHECK_THAT(server.answer("XPENDING s g - + 100\r\n"), StartsWith("*100\r\n"));
  CHECK_THAT(server.answer("KEYS stream1?\r\n"), StartsWith("*10\r\n"));
  CHECK_THAT(server.answer("XPENDING s g\r\n"), StartsWith("*4\r\n:600\r\n"));
}

TEST_CASE("A list that did not fit is refused, though something smaller after it would fit", "[serve]") {
  const test::TempDir folder;
  server::Bounds bounds;
  bounds.out = 50'000;
  const Served server = made(folder, bounds);
  std::string added = "XGROUP CREATE s g 0 MKSTREAM\r\nXGROUP CREATE s h 0\r\n";
  for (int i = 0; i < 30; ++i) {
    added += "XADD s * f v\r\n";
  }
  server.answer(added + "XREADGROUP GROUP g " + std::string(2000, 'c') + " STREAMS s >\r\n");
  CHECK(server.answer("XINFO STREAM s FULL COUNT 30\r\n") ==
        "-ERR the answer would be too large, ask for less at a time (COUNT)\r\n");
  CHECK_THAT(server.answer("XINFO STREAM s FULL COUNT 5\r\n"), StartsWith("*"));
}

TEST_CASE("Who does not say the password in time is dropped, and the log says why", "[serve]") {
  const test::TempDir folder;
  server::Options options;
  options.password = "open sesame";
  options.bounds.strangers = std::chrono::seconds(0);
  const Served server(folder.path(), options);
  CHECK(test::receive_all(server.connect()).empty());
  CHECK_THAT(server.told(), ContainsSubstring("is dropped: it has not said the password within 0 s\n"));
}

TEST_CASE("CLIENT LIST names the last command, though its words were wrong", "[serve]") {
  const test::TempDir folder;
  const Served server = made(folder, {});
  const Fd client = server.connect();
  for (const auto& [words, shown] : {std::pair("XADD s\r\n", " cmd=xadd "), std::pair("NOSUCH\r\n", " cmd=NULL "),
                                     std::pair("CLIENT SETNAME\r\n", " cmd=client|setname ")}) {
    test::send_all(client, words);
    CHECK(test::soon([&] { return server.answer("CLIENT LIST\r\n").find(shown) != std::string::npos; }));
  }
}

TEST_CASE("CONFIG GET tells what bounds a client's answers", "[serve]") {
  const test::TempDir folder;
  const Served server = made(folder, {});
  CHECK_THAT(server.answer("CONFIG GET client-output-buffer-limit\r\n"),
             ContainsSubstring("\r\nnormal 1073741824 33554432 60\r\n"));
}

TEST_CASE("CONFIG GET tells how long keys of producers are known where a stream has no settings", "[serve]") {
  const test::TempDir folder;
  const Served server = made(folder, {});
  CHECK_THAT(
      server.answer("CONFIG GET stream-idmp*\r\n"),
      StartsWith("*4\r\n$20\r\nstream-idmp-duration\r\n$3\r\n100\r\n$19\r\nstream-idmp-maxsize\r\n$3\r\n100\r\n"));
}

}  // namespace weir
