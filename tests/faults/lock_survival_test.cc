// SQLite's own locks are held as long as weir has the database open, whatever weir does meanwhile.
//
// Closing any descriptor of the database or its -shm file would silently drop these locks. Another program might then
// delete the write-ahead log under a live connection, and commits would go into a file that nobody can find.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

/// Whether another process than ours holds any lock in this range of a file.
bool locked(const std::string& path, off_t first, off_t length) {
  const Fd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = first;
  lock.l_len = length;
  REQUIRE(fcntl(fd.get(), F_GETLK, &lock) == 0);
  return lock.l_type != F_UNLCK;
}

constexpr off_t kSharedBytes = 0x40000002;  // of the database: held while it is open in WAL mode
constexpr off_t kSharedLength = 510;
constexpr off_t kDeadManSwitch = 128;  // of -shm: held by every connection

bool sqlite_holds_its_locks(const std::string& path) {
  return locked(path, kSharedBytes, kSharedLength) && locked(path + "-shm", kDeadManSwitch, 1);
}

/// A process that has a store open, says each time what it has done, and then waits to be told to go on.
class Steps {
 public:
  const TempDir folder;
  const std::string path = folder.path("w.db");

  /// `body` is given the store, and `done(WHAT)`.
  template <typename Body>
  explicit Steps(Body body)
      : ends_(make_pipe()), child_([&](int out) {
          auto store = open_sqlite_store(path, StoreOptions{});
          if (!store) {
            _exit(2);
          }
          body(**store, [&](const char* what) {
            say(out, what);
            char byte = 0;
            if (read(ends_[0].get(), &byte, 1) != 1) {
              _exit(0);
            }
          });
        }) {}

  std::optional<std::string> next() { return child_.line(); }
  void go_on() { REQUIRE(write(ends_[1].get(), "", 1) == 1); }
  void end() { child_.wait(); }

 private:
  static std::array<Fd, 2> make_pipe() {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    return {Fd(ends[0]), Fd(ends[1])};
  }

  std::array<Fd, 2> ends_;
  Child child_;
};

}  // namespace

TEST_CASE("SQLite's locks on the database survive all that weir does", "[lock_survival]") {
  Steps steps([](Store& store, const auto& done) {
    done("opened");
    (void)store.run(message());
    done("wrote");
    (void)store.run(Xrange{"s", kMinId, kMaxId, false, std::nullopt});
    done("read");
    (void)store.run(XgroupCreate{"s", "g", std::nullopt, false, std::nullopt, false});
    (void)store.run(Xreadgroup{"g", "c", {{"s", std::nullopt}}, std::nullopt, Millis(1), false});
    done("waited in a group");
    (void)store.run(Xread{{{"s", {Xread::From::Kind::end, {}}}}, std::nullopt, Millis(1)});
    done("waited");
    for (int i = 0; i < 300; ++i) {
      (void)store.run(message());
    }
    done("wrote much");
  });
  while (const auto what = steps.next()) {
    INFO("after it " << *what);
    CHECK(sqlite_holds_its_locks(steps.path));
    steps.go_on();
    if (*what == "wrote much") {
      break;
    }
  }
}

TEST_CASE("A store that closes leaves another one of its process its locks", "[lock_survival]") {
  Steps steps([&](Store& store, const auto& done) {
    (void)store.run(message());
    std::thread other([&] {
      const auto second = open_sqlite_store(steps.path, StoreOptions{});
      (void)(*second)->run(message());
    });
    other.join();
    done("closed the other");
    (void)store.run(message());
    done("wrote");
  });
  for (int i = 0; i < 2; ++i) {
    const auto what = steps.next();
    REQUIRE(what);
    INFO("after it " << *what);
    CHECK(sqlite_holds_its_locks(steps.path));
    steps.go_on();
  }
  steps.end();
  const auto store = open_sqlite_store(steps.path, StoreOptions{});
  CHECK((*store)->run(Xlen{"s"})->value == 3);
}

TEST_CASE("Closing a descriptor of the database does drop the locks: the check can fail", "[lock_survival]") {
  Steps steps([&](Store& store, const auto& done) {
    (void)store.run(message());
    close(open(steps.path.c_str(), O_RDONLY));
    done("closed a descriptor");
  });
  REQUIRE(steps.next());
  CHECK_FALSE(sqlite_holds_its_locks(steps.path));
}

}  // namespace weir::test
