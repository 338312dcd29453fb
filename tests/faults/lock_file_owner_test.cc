// Several users of one database: which user owns the lock file, and which users can open it.
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

constexpr uid_t kRoot = 0;
constexpr uid_t kDaemon = 1;
constexpr uid_t kBin = 2;
constexpr uid_t kNobody = 65534;  // of the group with that number, by the system's list of users

/// What a user is told who adds a message: "stored", or the error, with its hint on request.
std::string told(const std::string& path, uid_t user, gid_t group, bool hint = false) {
  Child child([&](int out) {
    if (setgroups(0, nullptr) != 0 || setgid(group) != 0 || setuid(user) != 0) {
      _exit(9);
    }
    umask(0);
    const auto store = open_sqlite_store(path, StoreOptions{Access::make, Durability::normal});
    Xadd add;
    add.stream = "s";
    add.fields = Fields::from_json("{\"a\":1}");
    const auto id = store ? (*store)->run(add) : Result<Xadd::Reply>(tl::unexpected(store.error()));
    say(out, id ? "stored" : hint ? id.error().hint : id.error().message);
  });
  const auto line = child.line();
  child.wait();  // killed before it has left, it would leave in the log what a test takes away with the log
  return line.value_or("nothing");
}

struct stat status_of(const std::string& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status;
}

bool exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

/// A database of one user, and nothing beside it.
struct DatabaseOf {
  TempDir folder;
  std::string path = folder.path("w.db");
  std::string lock = path + "-lock";
  DatabaseOf(uid_t user, gid_t group, mode_t mode, mode_t folder_mode = 0777) {
    REQUIRE(chown(folder.path().c_str(), user, group) == 0);
    REQUIRE(chmod(folder.path().c_str(), folder_mode) == 0);
    REQUIRE(told(path, user, group) == "stored");
    REQUIRE(chmod(path.c_str(), mode) == 0);
    for (const char* name : {"-wal", "-shm", "-lock"}) {
      REQUIRE(unlink((path + name).c_str()) == 0);
    }
  }
  bool has_owner(const std::string& suffix) const {
    const struct stat database = status_of(path);
    const struct stat other = status_of(path + suffix);
    return other.st_uid == database.st_uid && other.st_gid == database.st_gid &&
           (other.st_mode & 0777U) == (database.st_mode & 0777U);
  }
};

bool skipped() {
  if (getuid() != 0) {
    WARN("skipped: only root can act for several users");
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("After root has touched a user's database, the user goes on with it", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const mode_t mode = GENERATE(mode_t{0600}, mode_t{0640}, mode_t{0660});
  const DatabaseOf file(kNobody, kNobody, mode);
  CHECK(told(file.path, kRoot, kRoot) == "stored");
  CHECK(file.has_owner("-lock"));
  CHECK(file.has_owner("-wal"));
  CHECK(file.has_owner("-shm"));
  CHECK(told(file.path, kNobody, kNobody) == "stored");
}

TEST_CASE("The hint about a lock file of another owner mends it, as it is printed", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kNobody, kNobody, 0600);
  CHECK(told(file.path, kRoot, kRoot) == "stored");
  REQUIRE(chown(file.lock.c_str(), kRoot, kRoot) == 0);
  CHECK(told(file.path, kNobody, kNobody).find("Permission denied") != std::string::npos);
  const std::string hint = told(file.path, kNobody, kNobody, true);
  const std::string prefix = "as root: ";
  REQUIRE(hint.starts_with(prefix));
  CHECK(std::system(hint.substr(prefix.size()).c_str()) == 0);
  CHECK(told(file.path, kNobody, kNobody) == "stored");
}

TEST_CASE("Users of one group share a database in a folder of that group", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kNobody, kNobody, 0660, 02770);
  CHECK(told(file.path, kDaemon, kNobody) == "stored");
  CHECK(status_of(file.lock).st_uid == kDaemon);
  CHECK(told(file.path, kNobody, kNobody) == "stored");
  CHECK(told(file.path, kBin, kNobody) == "stored");
  CHECK(told(file.path, kRoot, kRoot) == "stored");
}

TEST_CASE("Users of one group share a database that root owns", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kRoot, kNobody, 0660, 02770);  // root is not in that group, and can open all the same
  CHECK(told(file.path, kDaemon, kNobody) == "stored");
  CHECK(status_of(file.lock).st_uid == kDaemon);
  CHECK(told(file.path, kRoot, kRoot) == "stored");
  CHECK(told(file.path, kBin, kNobody) == "stored");
}

TEST_CASE("Of a database that only root may write, nobody else makes the lock file", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kRoot, kNobody, 0640, 02770);
  CHECK_FALSE(told(file.path, kDaemon, kNobody) == "stored");
  CHECK_FALSE(exists(file.lock));
}

TEST_CASE("Who shares root's database cannot lead root to another file", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kRoot, kNobody, 0660, 02770);
  const std::string other = file.folder.path("passwd");
  const std::string content = "root:x:0:0:root:/root:/bin/sh\n";
  std::ofstream(other) << content;
  REQUIRE(chmod(other.c_str(), 0644) == 0);
  SECTION("by a symbolic link") {
    REQUIRE(symlink(other.c_str(), file.lock.c_str()) == 0);
    CHECK(told(file.path, kRoot, kRoot) == file.lock + ": is a symbolic link");
  }
  SECTION("by a hard link, where the system lets anybody make one") {
    REQUIRE(link(other.c_str(), file.lock.c_str()) == 0);
    CHECK(told(file.path, kRoot, kRoot) == file.lock + ": is another file's second name (a hard link)");
    CHECK(told(file.path, kRoot, kRoot, true) == "as root: rm -f " + file.lock);
  }
  SECTION("by a log that is a link") {
    const std::string log = file.path + GENERATE("-wal", "-shm");
    SECTION("a symbolic one") {
      REQUIRE(symlink(other.c_str(), log.c_str()) == 0);
      CHECK_FALSE(told(file.path, kRoot, kRoot) == "stored");
    }
    SECTION("a hard one") {
      REQUIRE(link(other.c_str(), log.c_str()) == 0);
      CHECK(told(file.path, kRoot, kRoot) == log + ": is another file's second name (a hard link)");
    }
  }
  std::stringstream found;
  found << std::ifstream(other).rdbuf();
  CHECK(found.str() == content);
  CHECK(status_of(other).st_uid == kRoot);
  CHECK((status_of(other).st_mode & 0777U) == 0644);
}

TEST_CASE("Root makes whole again what somebody of the group has cut", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kRoot, kNobody, 0660, 02770);
  REQUIRE(told(file.path, kDaemon, kNobody) == "stored");
  REQUIRE(truncate(file.lock.c_str(), 0) == 0);
  CHECK(told(file.path, kRoot, kRoot) == "stored");
  CHECK(status_of(file.lock).st_size == 4096);
  CHECK(told(file.path, kBin, kNobody) == "stored");
}

TEST_CASE("A lock file whose maker was killed before it took away the second name will do", "[lock_file]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const auto told_here = [&] {
    Child child([&](int out) {
      const auto store = open_sqlite_store(path, StoreOptions{});
      say(out, store ? "stored" : store.error().message);
    });
    return child.line();
  };
  REQUIRE(told_here() == "stored");
  REQUIRE(link((path + "-lock").c_str(), folder.path(".weir-lock-0123456789abcdef").c_str()) == 0);
  CHECK(told_here() == "stored");
}

TEST_CASE("A lock file that the database's owner could not open is not made", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kNobody, kDaemon, 0660);  // whose owner is not in its group
  CHECK(told(file.path, kBin, kDaemon) ==
        file.lock + ": cannot be made such that nobody, who owns the database, can open it");
  CHECK_FALSE(exists(file.lock));
  const std::string hint = told(file.path, kBin, kDaemon, true);
  REQUIRE(hint.starts_with("as root: "));
  CHECK(std::system(hint.substr(9).c_str()) == 0);
  CHECK(file.has_owner("-lock"));
  CHECK(told(file.path, kBin, kDaemon) == "stored");
}

TEST_CASE("A lock file of somebody who may not write the database is refused", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kNobody, kNobody, 0600);
  const Fd planted(open(file.lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  REQUIRE(planted);
  REQUIRE(fchmod(planted.get(), 0666) == 0);
  REQUIRE(fchown(planted.get(), kBin, kBin) == 0);
  const std::string refusal = file.lock + ": belongs to bin, who may not write the database";
  CHECK(told(file.path, kNobody, kNobody) == refusal);
  CHECK(told(file.path, kRoot, kRoot) == refusal);
  CHECK(told(file.path, kNobody, kNobody, true) == "as root: rm -f " + file.lock);
}

TEST_CASE("A log that somebody who may not write the database has laid there is refused", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const TempDir folder;
  const std::string path = folder.path("w.db");
  REQUIRE(chmod(folder.path().c_str(), 01777) == 0);
  const bool made_before = GENERATE(false, true);
  if (made_before) {
    REQUIRE(told(path, kNobody, kNobody) == "stored");
  }
  const std::string log = path + GENERATE("-wal", "-shm", "-journal");
  unlink(log.c_str());
  const std::string content = GENERATE("", "something");
  std::ofstream(log) << content;
  REQUIRE(chmod(log.c_str(), 0666) == 0);
  REQUIRE(chown(log.c_str(), kBin, kBin) == 0);

  const std::string refusal = log + ": belongs to bin, who may not write the database";
  CHECK(told(path, kNobody, kNobody) == refusal);
  CHECK(told(path, kRoot, kRoot) == refusal);
  CHECK(exists(path) == made_before);
  const std::string hint = told(path, kNobody, kNobody, true);
  CHECK((hint == "as root: rm -f " + log) == (content.empty() || !made_before));
  CHECK(hint.ends_with("as root: rm -f " + log));
  CHECK(std::filesystem::file_size(log) == content.size());
  CHECK(std::system(hint.substr(hint.rfind("rm -f")).c_str()) == 0);
  CHECK(told(path, kNobody, kNobody) == "stored");
}

TEST_CASE("The log of a database that was given away alone is not taken for a stranger's", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const DatabaseOf file(kNobody, kNobody, 0600);
  REQUIRE(told(file.path, kNobody, kNobody) == "stored");
  REQUIRE(chown(file.path.c_str(), kDaemon, kDaemon) == 0);
  REQUIRE(unlink(file.lock.c_str()) == 0);
  std::ofstream(file.path + "-wal", std::ios::app) << "more";
  const std::string hint = told(file.path, kRoot, kRoot, true);
  const std::string prefix = "if it is this database's, as root: ";
  REQUIRE(hint.starts_with(prefix));
  const std::string mend = hint.substr(prefix.size(), hint.find(';') - prefix.size());
  CHECK(std::system(mend.c_str()) == 0);
  CHECK(file.has_owner("-wal"));
}

TEST_CASE("A database that is shut shuts what lies beside it", "[lock_file]") {
  if (skipped()) {
    return;
  }
  const uid_t user = GENERATE(kRoot, kNobody);
  const DatabaseOf file(user, user, 0664, 0755);
  REQUIRE(told(file.path, user, user) == "stored");
  CHECK(file.has_owner("-wal"));
  const mode_t mode = GENERATE(mode_t{0600}, mode_t{0640}, mode_t{0660});
  REQUIRE(chmod(file.path.c_str(), mode) == 0);
  SECTION("by its owner") {
    CHECK(told(file.path, user, user) == "stored");
  }
  SECTION("and another who may write it does not mind") {
    CHECK(told(file.path, kRoot, kRoot) == "stored");
    CHECK(told(file.path, user, user) == "stored");
  }
  CHECK(file.has_owner("-wal"));
  CHECK(file.has_owner("-shm"));
  CHECK(file.has_owner("-lock"));
}

TEST_CASE("Where a folder does not give its group, the log still has the database's", "[lock_file]") {
  if (skipped()) {
    return;
  }
  constexpr gid_t kOther = 12345;
  const DatabaseOf file(kNobody, kNobody, 0660, 0777);
  Child child([&](int out) {
    const gid_t groups[] = {kNobody};
    if (setgroups(1, groups) != 0 || setgid(kOther) != 0 || setuid(kDaemon) != 0) {
      _exit(9);
    }
    const auto store = open_sqlite_store(file.path, StoreOptions{});
    const auto length =
        store ? (*store)->run(Xdel{"s", {Id{1, 1}}}) : Result<Xdel::Reply>(tl::unexpected(store.error()));
    say(out, length ? "opened" : length.error().message);
  });
  CHECK(child.line() == "opened");
  for (const char* suffix : {"-wal", "-shm", "-lock"}) {
    CHECK(status_of(file.path + suffix).st_gid == kNobody);
    CHECK(status_of(file.path + suffix).st_uid == kDaemon);
  }
  CHECK(told(file.path, kNobody, kNobody) == "stored");
}

TEST_CASE("Only the whole lock file gets its name, and nothing else stays in the folder", "[lock_file]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  Child child([&](int out) {
    const auto store = open_sqlite_store(path, StoreOptions{});
    say(out, store ? "stored" : store.error().message);
  });
  CHECK(child.line() == "stored");
  CHECK(files_in(folder.path()) == 4);  // the database, its log, the index of that, the lock file
  CHECK(status_of(path + "-lock").st_size == 4096);
  CHECK(status_of(path + "-lock").st_nlink == 1);
}

}  // namespace weir::test
