// The reported holder of a lock has locked that file, not a file of the same inode number on another disk.
#include "system/lock_holder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "catch.h"
#include "support/child.h"
#include "support/small_disk.h"
#include "support/temp_dir.h"
#include "system/fd.h"
#include "system/file_lock.h"

#ifdef __linux__  // nobody is told elsewhere

namespace weir::test {
namespace {

struct File {
  explicit File(std::string at) : path(std::move(at)), fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}
  ino_t number() const {
    struct stat status {};
    return fstat(fd.get(), &status) == 0 ? status.st_ino : 0;
  }
  std::string path;
  Fd fd;
};

std::string holder_of(const File& file, std::int64_t byte) {
  const auto holder = lock_holder(file.path, byte);
  return !holder ? "nobody" : holder->pid == getpid() ? "itself" : holder->text();
}

}  // namespace

TEST_CASE("who holds a lock is found by the byte", "[lock_holder]") {
  const TempDir dir;
  const File file(dir.path("file"));
  REQUIRE(try_lock(file.fd.get(), {3, 5}, LockKind::exclusive));
  CHECK(holder_of(file, 2) == "nobody");
  CHECK(holder_of(file, 3) == "itself");
  CHECK(holder_of(file, 5) == "itself");
  CHECK(holder_of(file, 6) == "nobody");
}

TEST_CASE("a lock on a file of the same number on another disk is none on this one", "[lock_holder]") {
  const TempDir dir;
  std::filesystem::create_directory(dir.path("one"));
  std::filesystem::create_directory(dir.path("two"));
  auto child = on_small_disk(dir.path("one"), [&](int out) {
    if (!mount_small(dir.path("two"))) {
      return say(out, "no other disk");
    }
    const File ours(dir.path("one/file"));
    const File theirs(dir.path("two/file"));
    say(out, ours.number() == theirs.number() ? "the same number" : "other numbers");
    try_lock(theirs.fd.get(), {0, 0}, LockKind::exclusive);
    say(out, holder_of(ours, 0));
    say(out, holder_of(theirs, 0));
    try_lock(ours.fd.get(), {0, 0}, LockKind::exclusive);
    say(out, holder_of(ours, 0));
  });
  if (!child) {
    return;
  }
  if (const auto numbers = child->line(); numbers != "the same number") {
    WARN("skipped: " << numbers.value_or("the child ended"));
    return;
  }
  CHECK(child->line() == "nobody");
  CHECK(child->line() == "itself");
  CHECK(child->line() == "itself");
}

}  // namespace weir::test

#endif
