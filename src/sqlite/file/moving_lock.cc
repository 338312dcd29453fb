#include "sqlite/file/moving_lock.h"

#include <fmt/format.h>

#include <thread>

#include "sqlite/database/failure.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr int kMovingSlot = 1;   // WAL_CKPT_LOCK: see "WAL-Index Format" in SQLite's documentation
constexpr int kFirstSlot = 120;  ///< the byte of the first lock in the index
constexpr int kPrimaryCode = 0xFF;

}  // namespace

MovingLock::MovingLock(sqlite3* db) {
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file_);
}

int MovingLock::take(std::chrono::milliseconds patience) {
  if (file_ == nullptr || file_->pMethods == nullptr || file_->pMethods->iVersion < 2) {
    return SQLITE_IOERR;
  }
  const Deadline deadline = Deadline::after(patience);
  int code = SQLITE_OK;
  while ((code = file_->pMethods->xShmLock(file_, kMovingSlot, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE)) ==
             SQLITE_BUSY &&
         !deadline.passed()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  held_ = code == SQLITE_OK;
  return code;
}

void MovingLock::release() {
  if (held_) {
    file_->pMethods->xShmLock(file_, kMovingSlot, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    held_ = false;
  }
}

Error MovingLock::describe(int code, const std::string& path) {
  if ((code & kPrimaryCode) != SQLITE_BUSY) {
    return describe_failure({code, 0, {}}, path);
  }
  return describe_moving_busy(path, lock_holder(path + "-shm", kFirstSlot + kMovingSlot));
}

Error describe_moving_busy(const std::string& path, const std::optional<LockHolder>& holder) {
  const std::string who = holder ? holder->text() : "another process";
  return Error{
      Failure::store, fmt::format("{}: busy: a backup or weir compact is at work on it: {}", path, who),
      holder && holder->stopped ? holder->hint() : "try again when it has ended, or wait longer with --lock-timeout"};
}

}  // namespace weir::sqlite
