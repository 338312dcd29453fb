// Blocked readers of a group stand in a line: first come, first served, and one message for one reader.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "catch.h"
#include "sqlite/file/lock_file.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/places.h"
#include "support/temp_dir.h"
#include "support/wait.h"
#include "system/file_lock.h"

namespace weir::test {
namespace {

using sqlite::LockFile;
using sqlite::open_sqlite_store;

constexpr const char* kStream = "s";
constexpr const char* kGroup = "g";

std::unique_ptr<Store> open_store(const std::string& path) {
  auto store = open_sqlite_store(path, StoreOptions{});
  if (!store) {
    _exit(3);
  }
  return std::move(*store);
}

Xadd message(int number) {
  Xadd add;
  add.stream = kStream;
  add.fields = Fields::from_json("{\"n\":" + std::to_string(number) + "}");
  return add;
}

/// A process that waits for one message and says its fields, or "nothing" or the refusal.
Child reader(const std::string& path, const std::string& name, Millis block = Millis(0)) {
  return Child([&](int out) {
    const auto store = open_store(path);
    const auto got = store->run(Xreadgroup{kGroup, name, {{kStream, std::nullopt}}, 1, block, false});
    say(out, !got ? got.error().message : got->empty() ? "nothing" : got->front().entries.front().fields->json());
  });
}

/// Likewise, of two streams.
Child reader_of_two(const std::string& path, const std::string& name, Millis block) {
  return Child([&](int out) {
    const auto store = open_store(path);
    const auto got =
        store->run(Xreadgroup{kGroup, name, {{kStream, std::nullopt}, {"other", std::nullopt}}, 1, block, false});
    say(out, !got ? got.error().message : got->empty() ? "nothing" : got->front().entries.front().fields->json());
  });
}

void stop(const Child& child) {
  kill(child.pid(), SIGSTOP);
  int status = 0;
  REQUIRE(waitpid(child.pid(), &status, WUNTRACED) == child.pid());
  REQUIRE(WIFSTOPPED(status));
}

/// In the line of the first group of a database.
int in_line(const std::string& path) {
  return places_taken(path, 1, 2);
}

void wait_for_line(const std::string& path, int length) {
  REQUIRE(soon([&] { return in_line(path) == length; }));
}

/// A reader, once it stands at this place of the line.
Child reader_at(const std::string& path, int place, const std::string& name, Millis block = Millis(0)) {
  Child child = reader(path, name, block);
  wait_for_line(path, place);
  return child;
}

struct Group {
  TempDir folder;
  std::string path = folder.path("w.db");
  std::unique_ptr<Store> store = open_store(path);
  Group() { REQUIRE(store->run(XgroupCreate{kStream, kGroup, kMinId, true, std::nullopt, false})); }
};

}  // namespace

TEST_CASE("Forty readers, two of them killed: each living one gets one message, in the order in which they came",
          "[line]") {
  Group group;
  std::vector<Child> readers;
  for (int i = 0; i < 40; ++i) {
    readers.push_back(reader(group.path, "c" + std::to_string(i)));
    wait_for_line(group.path, i + 1);
  }
  readers[0].kill();
  readers[17].kill();
  wait_for_line(group.path, 38);
  for (int i = 0; i < 38; ++i) {
    REQUIRE(group.store->run(message(i)));
  }
  int expected = 0;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (i != 0 && i != 17) {
      INFO("reader " << i);
      CHECK(readers[i].line() == "{\"n\":" + std::to_string(expected++) + "}");
    }
  }
}

TEST_CASE("Readers in threads of one process, each with a store of its own, are served in the order in which they came",
          "[line]") {
  Group group;
  constexpr std::size_t kReaders = 8;
  std::vector<std::string> got(kReaders);
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < kReaders; ++i) {
    readers.emplace_back([&, i] {
      const auto store = open_store(group.path);
      const auto reply =
          store->run(Xreadgroup{kGroup, "c" + std::to_string(i), {{kStream, std::nullopt}}, 1, Millis(0), false});
      got[i] = !reply ? reply.error().message : reply->at(0).entries.at(0).fields->json();
    });
    wait_for_line(group.path, static_cast<int>(i) + 1);
  }
  for (std::size_t i = 0; i < kReaders; ++i) {
    REQUIRE(group.store->run(message(static_cast<int>(i))));
  }
  for (std::size_t i = 0; i < kReaders; ++i) {
    readers[i].join();
    CHECK(got[i] == "{\"n\":" + std::to_string(i) + "}");
  }
}

TEST_CASE("A reader whose time is over passes its place on", "[line]") {
  Group group;
  Child first = reader_at(group.path, 1, "first", Millis(50));
  Child second = reader(group.path, "second");
  CHECK(first.line() == "nothing");
  wait_for_line(group.path, 1);
  REQUIRE(group.store->run(message(1)));
  CHECK(second.line() == "{\"n\":1}");
}

TEST_CASE("A stopped reader at the head of the line does not hold up the others for ever", "[line]") {
  Group group;
  Child first = reader_at(group.path, 1, "first");
  Child second = reader_at(group.path, 2, "second");
  kill(first.pid(), SIGSTOP);
  REQUIRE(group.store->run(message(1)));
  CHECK(second.line() == "{\"n\":1}");
}

TEST_CASE("A stopped reader at the head of the line costs the others a second once, not every time", "[line]") {
  Group group;
  Child first = reader_at(group.path, 1, "first");
  stop(first);
  Child second = reader_at(group.path, 2, "second");
  REQUIRE(group.store->run(message(1)));
  CHECK(second.line() == "{\"n\":1}");
  constexpr Millis kShort{900};  // less than the head is waited for
  for (int i = 2; i < 5; ++i) {
    REQUIRE(group.store->run(message(i)));
    CHECK(reader(group.path, "later", kShort).line() == "{\"n\":" + std::to_string(i) + "}");
  }
  SECTION("it goes on, and gets the next one") {
    kill(first.pid(), SIGCONT);
    REQUIRE(group.store->run(message(9)));
    CHECK(first.line() == "{\"n\":9}");
  }
  SECTION("it is killed, and whoever has its place after it is not taken for stopped") {
    first.kill();
    Child third = reader(group.path, "third");
    wait_for_line(group.path, 1);
    Child fourth = reader(group.path, "fourth");
    wait_for_line(group.path, 2);
    REQUIRE(group.store->run(message(9)));
    CHECK(third.line() == "{\"n\":9}");
  }
}

TEST_CASE("A reader that is only slow is not taken for a stopped one", "[line]") {
  TempDir folder;
  const std::string path = folder.path("w.db");
  { const auto store = open_store(path); }
  constexpr std::int64_t kAGroup = 7;
  Child slow([&](int out) {
    const auto file = LockFile::open(path);
    say(out, file ? std::to_string(file->join_line(kAGroup).value_or(-1)) : "cannot");
    pause();
  });
  REQUIRE(slow.line() == "0");
  const auto file = LockFile::open(path);
  REQUIRE(file);
  CHECK_FALSE(file->may_be_stopped(kAGroup, 0));
  stop(slow);
  CHECK(file->may_be_stopped(kAGroup, 0));
}

TEST_CASE("A stopped reader of two streams does not keep others from them", "[line]") {
  Group group;
  REQUIRE(group.store->run(XgroupCreate{"other", kGroup, kMinId, true, std::nullopt, false}));
  constexpr Millis kLong{20'000};
  Child first = reader_of_two(group.path, "first", Millis(0));
  wait_for_line(group.path, 1);
  stop(first);
  Child second = reader_of_two(group.path, "second", kLong);
  wait_for_line(group.path, 2);
  REQUIRE(group.store->run(message(1)));
  CHECK(second.line() == "{\"n\":1}");
}

TEST_CASE("A reader gets its message though somebody locked the bytes of all lines", "[line]") {
  Group group;
  const Fd file(open((group.path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(try_lock(file.get(), {4, INT64_MAX}, LockKind::exclusive));
  Child first = reader(group.path, "first");
  const Child dog = watchdog(first);
  REQUIRE(group.store->run(message(1)));
  CHECK(first.line() == "{\"n\":1}");
}

TEST_CASE("A second place that a process takes in a line is not its first one", "[line]") {
  TempDir folder;
  const std::string path = folder.path("w.db");
  { const auto store = open_store(path); }
  const auto own = LockFile::open(path);
  const auto other = LockFile::open(path);
  REQUIRE(own);
  REQUIRE(other);
  constexpr std::int64_t kAGroup = 7;
  const auto first = own->join_line(kAGroup);
  REQUIRE(first);
  // Nobody else is there any more: whoever was seen behind it has left.
  const auto second = own->join_line(kAGroup, *first);
  REQUIRE(second);
  CHECK(*second > *first);
  own->leave_line(kAGroup, *first);
  CHECK(other->is_taken(kAGroup, *second));
}

TEST_CASE("Who comes when the tickets of a line have run out stands in nobody else's line", "[line]") {
  Group group;
  REQUIRE(group.store->run(XgroupCreate{kStream, "next", kMinId, true, std::nullopt, false}));
  const Fd file(open((group.path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
  const std::int64_t last = (std::int64_t{2} << 32) - 1;
  REQUIRE(try_lock(file.get(), {last, last}, LockKind::exclusive));
  Child first = reader(group.path, "first");
  REQUIRE(soon([&] { return locked_by_others(file.get(), {1, 1}).has_value(); }));
  CHECK_FALSE(locked_by_others(file.get(), {last + 1, last + 100}));
  REQUIRE(group.store->run(message(1)));
  CHECK(first.line() == "{\"n\":1}");
}

TEST_CASE("A reader lives on when the lock file is cut, and gets its message", "[line]") {
  Group group;
  Child first = reader_at(group.path, 1, "first");
  const Fd file(open((group.path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(soon([&] { return locked_by_others(file.get(), {1, 1}).has_value(); }));
  REQUIRE(ftruncate(file.get(), 0) == 0);
  REQUIRE(group.store->run(message(1)));
  CHECK(first.line() == "{\"n\":1}");
}

TEST_CASE("Blocked readers are told when their group goes, or is made anew", "[line]") {
  Group group;
  Child first = reader_at(group.path, 1, "first");
  Child second = reader_at(group.path, 2, "second");
  const std::string refusal = "NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option";
  SECTION("destroyed") {
    REQUIRE(group.store->run(XgroupDestroy{kStream, kGroup}));
  }
  SECTION("its stream deleted") {
    REQUIRE(group.store->run(Del{{kStream}}));
  }
  // Stopped, so that they see only what is there in the end.
  SECTION("destroyed and made anew") {
    stop(first);
    stop(second);
    REQUIRE(group.store->run(XgroupDestroy{kStream, kGroup}));
    REQUIRE(group.store->run(XgroupCreate{kStream, kGroup, kMinId, true, std::nullopt, false}));
  }
  SECTION("deleted and made anew") {
    stop(first);
    stop(second);
    REQUIRE(group.store->run(Del{{kStream}}));
    REQUIRE(group.store->run(XgroupCreate{kStream, kGroup, kMinId, true, std::nullopt, false}));
  }
  kill(first.pid(), SIGCONT);
  kill(second.pid(), SIGCONT);
  CHECK(first.line() == refusal);
  CHECK(second.line() == refusal);
}

TEST_CASE("A stream that is renamed onto the one that is waited for serves the waiter", "[line]") {
  Group group;
  Child first = reader_at(group.path, 1, "first");
  REQUIRE(group.store->run(XgroupCreate{"other", kGroup, kMinId, true, std::nullopt, false}));
  Xadd add = message(7);
  add.stream = "other";
  REQUIRE(group.store->run(add));
  REQUIRE(group.store->run(Rename{"other", kStream}));
  CHECK(first.line() == "{\"n\":7}");
}

TEST_CASE("When the bell rings, the message can be read", "[line]") {
  Group group;
  constexpr std::uint64_t kMessages = 20;
  // Listens, and says how many messages there are when the bell has rung.
  Child listener([&](int out) {
    const auto file = LockFile::open(group.path);
    const auto store = open_store(group.path);
    if (!file) {
      _exit(3);
    }
    file->start_waiting();
    while (true) {
      file->bell().listen();
      say(out, "listens");
      while (file->bell().wait(std::chrono::milliseconds(60'000), -1) != Doorbell::Heard::ring) {
      }
      const auto length = store->run(Xlen{kStream});
      say(out, length ? std::to_string(length->value) : length.error().message);
    }
  });
  for (std::uint64_t i = 1; i <= kMessages; ++i) {
    REQUIRE(listener.line() == "listens");
    Xadd add = message(1);
    // Long enough for its commit to take a while.
    add.fields = Fields::from_json("{\"text\":\"" + std::string(4'000'000, 'x') + "\"}");
    REQUIRE(group.store->run(add));
    CHECK(listener.line() == std::to_string(i));
  }
}

TEST_CASE("A message added and deleted in one transaction wakes nobody with an empty reply", "[line]") {
  Group group;
  Child first = reader_at(group.path, 1, "first");
  Xadd add = message(1);
  add.id = {NewId::Kind::exact, {9, 9}};
  const std::vector<Request> both{add, Xdel{kStream, {{9, 9}}}};
  REQUIRE(group.store->transact(both, Store::OnRefusal::go_on));
  REQUIRE(group.store->run(message(2)));
  CHECK(first.line() == "{\"n\":2}");
}

}  // namespace weir::test
