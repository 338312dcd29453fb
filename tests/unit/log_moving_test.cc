// Which locks of SQLite are taken together: see log_moving.h. faults/log_reset_test.cc shows that nothing is lost when
// these locks meet those of another process.
#include "sqlite/database/log_moving.h"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "catch.h"

namespace weir::test {
namespace {

constexpr int kLock = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
constexpr int kUnlock = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;

std::array<std::uint32_t, 8192> words;  // the index
std::uint32_t& frames = words[4];
std::uint32_t& moved = words[24];
std::vector<std::string> asked;  // first slot, how many, and how
std::string busy;                // what somebody else has

int map_index(sqlite3_file*, int, int, int, void volatile** out) {
  *out = words.data();
  return SQLITE_OK;
}

int lock_index(sqlite3_file*, int first, int count, int flags) {
  const bool takes = (flags & SQLITE_SHM_LOCK) != 0;
  const std::string slots = std::to_string(first) + "+" + std::to_string(count);
  if (takes && slots == busy) {
    return SQLITE_BUSY;
  }
  asked.push_back((takes ? "lock " : "unlock ") + slots + (moved == 0 ? ", none moved" : ""));
  return SQLITE_OK;
}

class GuardedFile {
 public:
  GuardedFile() {
    real_.iVersion = 2;
    real_.xShmMap = map_index;
    real_.xShmLock = lock_index;
    file_.pMethods = &real_;
    room_.resize(static_cast<std::size_t>(sqlite::kGuardBytes) / sizeof(std::max_align_t) + 1);
    sqlite::guard_locks(&file_, room_.data());
    asked.clear();
    busy.clear();
    frames = 10;
    moved = 10;
  }
  int lock(int first, int count) { return file_.pMethods->xShmLock(&file_, first, count, kLock); }
  int unlock(int first, int count) { return file_.pMethods->xShmLock(&file_, first, count, kUnlock); }

 private:
  sqlite3_io_methods real_{};
  sqlite3_file file_{};
  std::vector<std::max_align_t> room_;
};

using Asked = std::vector<std::string>;

}  // namespace

TEST_CASE("Who begins a log anew keeps others from moving it, and notes before that nothing is moved", "[log_moving]") {
  GuardedFile file;
  REQUIRE(file.lock(4, 4) == SQLITE_OK);
  CHECK(asked == Asked{"lock 1+1", "lock 4+4"});
  CHECK(moved == 0);  // who is killed from here on leaves nothing that is wrong
  REQUIRE(file.unlock(4, 4) == SQLITE_OK);
  CHECK(asked == Asked{"lock 1+1", "lock 4+4", "unlock 4+4, none moved", "unlock 1+1, none moved"});
}

TEST_CASE("Where somebody may be moving the log, nobody begins it anew", "[log_moving]") {
  GuardedFile file;
  busy = "1+1";
  CHECK(file.lock(4, 4) == SQLITE_BUSY);
  CHECK(asked.empty());
  CHECK(moved == 10);
}

TEST_CASE("Where somebody reads the log, nothing is changed", "[log_moving]") {
  GuardedFile file;
  busy = "4+4";
  CHECK(file.lock(4, 4) == SQLITE_BUSY);
  CHECK(asked == Asked{"lock 1+1", "unlock 1+1"});
  CHECK(moved == 10);
}

TEST_CASE("Who has the lock to move keeps it when the log is begun anew", "[log_moving]") {
  GuardedFile file;
  REQUIRE(file.lock(1, 1) == SQLITE_OK);
  REQUIRE(file.lock(4, 4) == SQLITE_OK);
  REQUIRE(file.unlock(4, 4) == SQLITE_OK);
  CHECK(asked == Asked{"lock 1+1", "lock 4+4", "unlock 4+4, none moved"});
  REQUIRE(file.unlock(1, 1) == SQLITE_OK);
  REQUIRE(file.lock(4, 4) == SQLITE_OK);
  CHECK(asked.size() == 6);  // and takes it again where it has none
}

TEST_CASE("Other locks are taken as they are", "[log_moving]") {
  GuardedFile file;
  REQUIRE(file.lock(0, 1) == SQLITE_OK);
  REQUIRE(file.lock(4, 1) == SQLITE_OK);
  REQUIRE(file.unlock(4, 1) == SQLITE_OK);
  CHECK(asked == Asked{"lock 0+1", "lock 4+1", "unlock 4+1"});
  CHECK(moved == 10);
}

}  // namespace weir::test
