// Waits for the turn to write, and for the process that moves the log, must survive stopped processes and a parent's
// signal mask.
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "catch.h"
#include "sqlite/file/lock_file.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace weir::test {
namespace {

using sqlite::LockFile;
using sqlite::open_sqlite_store;

constexpr Millis kShort{50};
constexpr Millis kLong{60'000};
constexpr ByteRange kTurn{0, 0};
constexpr ByteRange kCheckpoint{2, 2};
constexpr ByteRange kWaitForTurn{3, 3};

std::unique_ptr<Store> open_store(const std::string& path, Millis timeout) {
  auto store = open_sqlite_store(path, StoreOptions{Access::make, Durability::full, timeout});
  if (!store) {
    _exit(3);
  }
  return std::move(*store);
}

std::string added(Store& store) {
  Xadd add;
  add.stream = "s";
  add.fields = Fields::from_json("{\"a\":1}");
  const auto id = store.run(add);
  return id ? "stored" : id.error().message + "; " + id.error().hint;
}

struct Database {
  TempDir folder;
  std::string path = folder.path("w.db");
  Fd lock_file;
  Database() {
    REQUIRE(added(*open_store(path, kLong)) == "stored");
    lock_file.reset(open((path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
  }
};

/// A process that has a lock, and is stopped.
Child stopped_holder(const std::string& path, ByteRange range) {
  Child child([&](int out) {
    const Fd file(open((path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
    say(out, try_lock(file.get(), range, LockKind::exclusive) ? "held" : "not held");
    pause();
  });
  REQUIRE(child.line() == "held");
  kill(child.pid(), SIGSTOP);
  int status = 0;
  REQUIRE(waitpid(child.pid(), &status, WUNTRACED) == child.pid());
  return child;
}

/// Sends a descriptor to nobody in particular.
bool send_away(int socket, int fd) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof fd)] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(socket, &message, 0) == 1;
}

}  // namespace

TEST_CASE("Who waits for a turn that a stopped process holds is told so, and what to do", "[turn]") {
  const Database database;
  const Child holder = stopped_holder(database.path, kTurn);
  const std::string told = added(*open_store(database.path, kShort));
#ifdef __linux__
  const std::string pid = std::to_string(holder.pid());
  CHECK(told == database.path + "-lock: busy: waited 50 ms for the turn to write, which the stopped process " + pid +
                    " (fault_tests) holds; kill -CONT " + pid + " lets it go on, kill -KILL " + pid + " ends it");
#else
  CHECK(told.find("busy") != std::string::npos);
#endif
}

TEST_CASE("The time to wait is for weir's turn and another program's lock together", "[turn]") {
  const Database database;
  constexpr Millis kTimeout{3'000};
  constexpr Millis kTurnTakes{2'000};
  const auto store = open_store(database.path, kTimeout);
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(database.path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  Child holder([&](int out) {
    const Fd file(open((database.path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
    say(out, try_lock(file.get(), kTurn, LockKind::exclusive) ? "held" : "not held");
    std::this_thread::sleep_for(kTurnTakes);
  });
  REQUIRE(holder.line() == "held");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(added(*store).find("another program") != std::string::npos);
  const auto waited = std::chrono::steady_clock::now() - begun;
  CHECK(waited >= kTimeout - Millis(100));
  CHECK(waited < kTimeout + kTurnTakes);
  sqlite3_close(other);
  CHECK(added(*store) == "stored");
}

TEST_CASE("A process that is stopped while it waits for its turn does not keep it from others", "[turn]") {
  const Database database;
  REQUIRE(try_lock(database.lock_file.get(), kTurn, LockKind::exclusive));
  const auto writer = [&] { return Child([&](int out) { say(out, added(*open_store(database.path, kLong))); }); };
  Child first = writer();
  REQUIRE(soon([&] { return locked_by_others(database.lock_file.get(), kWaitForTurn).has_value(); }));
  kill(first.pid(), SIGSTOP);
  int status = 0;
  REQUIRE(waitpid(first.pid(), &status, WUNTRACED) == first.pid());
  Child second = writer();
  unlock(database.lock_file.get(), kTurn);
  CHECK(second.line() == "stored");
  kill(first.pid(), SIGCONT);
  CHECK(first.line() == "stored");
}

TEST_CASE("A wait for the turn ends though the parent blocked every signal", "[turn]") {
  const Database database;
  REQUIRE(try_lock(database.lock_file.get(), kTurn, LockKind::exclusive));
  Child writer([&](int out) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    say(out, added(*open_store(database.path, kShort)).find("busy") != std::string::npos ? "busy" : "stored");
  });
  const Child dog = watchdog(writer);
  CHECK(writer.line() == "busy");
}

TEST_CASE("Waiting for the turn leaves the program's own SIGALRM and timer alone", "[turn]") {
  const Database database;
  REQUIRE(try_lock(database.lock_file.get(), kTurn, LockKind::exclusive));
  Child writer([&](int out) {
    alarm(1);  // the program's own: it is due while it waits, and ends it
    say(out, added(*open_store(database.path, kLong)));
  });
  CHECK(writer.wait() == -1);
}

TEST_CASE("Who moves the log and is stopped is waited for once, not by every writer", "[turn]") {
  const Database database;
  const Child holder = stopped_holder(database.path, kCheckpoint);
  const auto file = LockFile::open(database.path);
  REQUIRE(file);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(file->start_checkpoint(kLong));
  }
  // One second; that of each of them would be twenty.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(15));
}

TEST_CASE("Who moves the log and is at it is waited for", "[turn]") {
  const Database database;
  Child holder([&](int out) {
    const Fd file(open((database.path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
    say(out, try_lock(file.get(), kCheckpoint, LockKind::exclusive) ? "held" : "not held");
    constexpr unsigned kLongerThanAStoppedOneIsGiven = 2;
    sleep(kLongerThanAStoppedOneIsGiven);
  });
  REQUIRE(holder.line() == "held");
  const auto file = LockFile::open(database.path);
  REQUIRE(file);
  CHECK(file->start_checkpoint(kLong));
}

TEST_CASE("Who moves the log is waited for though it is another one at every look", "[turn]") {
  const Database database;
  // The lock of a file that is on its way from one process to another is nobody's to see, as is one that changes hands
  // while all processes are looked at.
  int on_its_way[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, on_its_way) == 0);
  Fd sender(on_its_way[0]);
  Fd receiver(on_its_way[1]);
  {
    const Fd file(open((database.path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(try_lock(file.get(), kCheckpoint, LockKind::exclusive));
    REQUIRE(send_away(sender.get(), file.get()));
  }
  Child others([&](int) {
    // Each of them counts, as lock_file.h has it, while it has the lock.
    constexpr off_t kCount = 24;
    constexpr int kLongerThanAStoppedOneIsGiven = 25;
    for (std::uint32_t count = 100; count < 100 + kLongerThanAStoppedOneIsGiven; ++count) {
      if (pwrite(database.lock_file.get(), &count, sizeof count, kCount) != sizeof count) {
        _exit(1);
      }
      usleep(100'000);
    }
  });
  sender.reset();
  receiver.reset();
  const auto file = LockFile::open(database.path);
  REQUIRE(file);
  CHECK(file->start_checkpoint(kLong));
  CHECK(others.wait() == 0);
}

}  // namespace weir::test
