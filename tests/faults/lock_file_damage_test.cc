// The lock file is cut, or its space cannot be allocated: no process dies of this.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catch.h"
#include "sqlite/file/lock_file.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/messages.h"
#include "support/small_disk.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace weir::test {
namespace {

using sqlite::LockFile;

/// Waits until somebody waits for messages: byte 1 of the lock file is locked then.
bool somebody_waits(const std::string& lock_path) {
  const Fd file(open(lock_path.c_str(), O_RDWR | O_CLOEXEC));
  return soon([&] { return locked_by_others(file.get(), {1, 1}).has_value(); });
}

}  // namespace

TEST_CASE("Readers and writers live on when the lock file is cut, and still hear each other", "[lock_file]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const bool interruptible = GENERATE(false, true);  // which waits in a thread of its own
  REQUIRE((*sqlite::open_sqlite_store(path, StoreOptions{}))->run(message()));
  Child reader([&](int out) {
    int ends[2];
    const auto store = sqlite::open_sqlite_store(path, StoreOptions{});
    if (!store || pipe(ends) != 0) {
      _exit(3);
    }
    if (interruptible) {
      (*store)->set_interrupt(ends[0]);
    }
    Xread read;
    read.sources = {{"s", {}}};
    read.sources[0].from.kind = Xread::From::Kind::end;
    read.block = std::chrono::minutes(2);
    const auto got = (*store)->run(read);
    say(out, got && !got->empty() ? "got it" : "nothing came");
  });
  REQUIRE(somebody_waits(path + "-lock"));
  Child writer([&](int out) {
    const auto store = sqlite::open_sqlite_store(path, StoreOptions{});
    if (!store || !(*store)->run(message()) || truncate((path + "-lock").c_str(), 0) != 0) {
      _exit(3);
    }
    say(out, (*store)->run(message()) ? "stored" : "failed");
  });
  CHECK(writer.line() == "stored");
  CHECK(writer.wait() == 0);
  CHECK(reader.line() == "got it");
  CHECK(reader.wait() == 0);
}

TEST_CASE("On a full disk the lock file is not made, and that is said", "[lock_file]") {
  const TempDir folder;
  auto child = on_small_disk(folder.path(), [&](int out) {
    const Fd database(open(folder.path("w.db").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    fill(folder.path());
    const auto file = LockFile::open(folder.path("w.db"));
    say(out, file ? "made" : file.error().message);
    say(out, access(folder.path("w.db-lock").c_str(), F_OK) == 0 ? "it is there" : "it is not there");
  });
  if (!child) {
    return;
  }
  CHECK(child->line() == folder.path("w.db-lock") + ": cannot be made: the disk is full");
  CHECK(child->line() == "it is not there");
}

TEST_CASE("A bell in a hole of the lock file does not kill who rings it on a full disk", "[lock_file]") {
  const TempDir folder;
  auto child = on_small_disk(folder.path(), [&](int out) {
    const Fd database(open(folder.path("w.db").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const Fd hole(open(folder.path("w.db-lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    fill(folder.path());
    const auto reader = LockFile::open(folder.path("w.db"));
    const auto writer = LockFile::open(folder.path("w.db"));
    if (!reader || !writer || ftruncate(hole.get(), 4) != 0) {
      _exit(3);
    }
    reader->start_waiting();
    reader->bell().listen();
    writer->bell().ring();
    say(out, "rung");
  });
  if (!child) {
    return;
  }
  CHECK(child->line() == "rung");
}

TEST_CASE("A lock file past the limit of file sizes is not made, and the limit is named", "[lock_file]") {
  const TempDir folder;
  Child child([&](int out) {
    const Fd database(open(folder.path("w.db").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto file = LockFile::open(folder.path("w.db"));
    say(out, file ? "made" : file.error().message);
  });
  CHECK(child.line() == folder.path("w.db-lock") + ": cannot be made: the file size limit (ulimit -f) is reached");
  CHECK_FALSE(std::filesystem::exists(folder.path("w.db-lock")));
}

}  // namespace weir::test
