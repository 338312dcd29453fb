// Every fault that the lock file, or its folder, can have.
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/messages.h"
#include "support/temp_dir.h"
#include "system/file_lock.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

constexpr uid_t kNobody = 65534;

/// In a child: not root any more.
void become(uid_t user, gid_t group) {
  if (getuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(group) != 0 || setuid(user) != 0)) {
    _exit(9);
  }
}

/// What a user who is not root is told who adds a message; "stored" if it worked. Looks too, where asked.
std::string told(const std::string& path, bool look = false, int timeout_ms = 2000) {
  Child child([&](int out) {
    become(kNobody, kNobody);
    umask(0);
    const StoreOptions options{look ? Access::look : Access::make, Durability::full,
                               std::chrono::milliseconds(timeout_ms)};
    auto store = open_sqlite_store(path, options);
    if (!store) {
      say(out, store.error().message);
      return;
    }
    if (look) {
      const auto length = (*store)->run(Xlen{"s"});
      say(out, length ? std::to_string(length->value) : length.error().message);
      return;
    }
    const auto id = (*store)->run(message());
    say(out, id ? "stored" : id.error().message);
  });
  return child.line().value_or("nothing");
}

struct Folder {
  TempDir folder;
  std::string path = folder.path("w.db");
  Folder() { REQUIRE(chmod(folder.path().c_str(), 0777) == 0); }
};

void make_database(const std::string& path) {
  const auto store = open_sqlite_store(path, StoreOptions{});
  REQUIRE(store);
  REQUIRE((*store)->run(message()));
}

void own(const std::string& path, mode_t mode) {
  for (const char* name : {"", "-wal", "-shm", "-lock"}) {
    if (getuid() == 0) {
      REQUIRE(chown((path + name).c_str(), kNobody, kNobody) == 0);
    }
    REQUIRE(chmod((path + name).c_str(), mode) == 0);
  }
}

}  // namespace

TEST_CASE("A folder that cannot be written to", "[lock_file]") {
  Folder folder;
  REQUIRE(chmod(folder.folder.path().c_str(), 0555) == 0);
  CHECK(told(folder.path) == folder.path + ": cannot be made: Permission denied");
  CHECK(told(folder.path, true) == folder.path + ": there is no such database");
  REQUIRE(chmod(folder.folder.path().c_str(), 0777) == 0);
}

TEST_CASE("A database that may only be read can be looked at, and is not written to", "[lock_file]") {
  Folder folder;
  make_database(folder.path);
  own(folder.path, 0444);
  CHECK(told(folder.path, true) == "1");
  CHECK(told(folder.path).find("read-only") != std::string::npos);
}

TEST_CASE("A lock file of another user", "[lock_file]") {
  Folder folder;
  make_database(folder.path);
  own(folder.path, 0666);
  if (getuid() != 0) {
    WARN("skipped: only root can give a file to another user");
    return;
  }
  REQUIRE(chown((folder.path + "-lock").c_str(), 0, 0) == 0);
  REQUIRE(chmod((folder.path + "-lock").c_str(), 0600) == 0);
  CHECK(told(folder.path) == folder.path +
                                 "-lock: cannot be opened: Permission denied: its owner, group and mode are not those "
                                 "of the database");
  CHECK(told(folder.path, true) == "1");
}

TEST_CASE("A symbolic link in the place of the lock file is not followed", "[lock_file]") {
  Folder folder;
  make_database(folder.path);
  own(folder.path, 0666);
  const std::string target = folder.folder.path("precious");
  std::ofstream(target) << "precious";
  REQUIRE(unlink((folder.path + "-lock").c_str()) == 0);
  REQUIRE(symlink(target.c_str(), (folder.path + "-lock").c_str()) == 0);
  CHECK(told(folder.path) == folder.path + "-lock: is a symbolic link");
  CHECK(std::filesystem::file_size(target) == 8);
}

TEST_CASE("A folder in the place of the lock file", "[lock_file]") {
  Folder folder;
  make_database(folder.path);
  own(folder.path, 0666);
  REQUIRE(unlink((folder.path + "-lock").c_str()) == 0);
  REQUIRE(mkdir((folder.path + "-lock").c_str(), 0777) == 0);
  CHECK(told(folder.path) == folder.path + "-lock: cannot be opened: Is a directory");
}

TEST_CASE("A lock file that was removed is made again, with the mode of the database", "[lock_file]") {
  Folder folder;
  make_database(folder.path);
  own(folder.path, 0660);
  REQUIRE(unlink((folder.path + "-lock").c_str()) == 0);
  CHECK(told(folder.path) == "stored");
  struct stat status {};
  REQUIRE(stat((folder.path + "-lock").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0660);
}

TEST_CASE("Who waits too long for its turn is told who has it", "[lock_file]") {
  Folder folder;
  make_database(folder.path);
  const Fd file(open((folder.path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(try_lock(file.get(), {0, 0}, LockKind::exclusive));
  const auto store = open_sqlite_store(folder.path, {Access::make, Durability::full, std::chrono::milliseconds(50)});
  REQUIRE(store);
  const auto id = (*store)->run(message());
  REQUIRE_FALSE(id);
  CHECK(id.error().failure == Failure::store);
#ifdef __linux__
  CHECK(id.error().message == folder.path + "-lock: busy: waited 50 ms for the turn to write, which process " +
                                  std::to_string(getpid()) + " (fault_tests) holds");
#endif
  unlock(file.get(), {0, 0});
  CHECK((*store)->run(message()));
}

}  // namespace weir::test
