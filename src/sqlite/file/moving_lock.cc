#include "sqlite/file/moving_lock.h"

#include <fmt/format.h>

#include <thread>
#include <utility>

#include "sqlite/database/failure.h"
#include "sqlite/file/log_index.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr int kMovingSlot = 1;   // WAL_CKPT_LOCK: see "WAL-Index Format" in SQLite's documentation
constexpr int kFirstSlot = 120;  ///< its byte in the index
constexpr int kPrimaryCode = 0xFF;

}  // namespace

MovingLock::MovingLock(sqlite3* db) {
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file_);
}

int MovingLock::take(std::chrono::milliseconds patience, const LockFile* shown_in) {
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
  if (held_ && shown_in != nullptr) {
    shown_in_ = shown_in;
    shown_in_->start_keeping_log();
  }
  return code;
}

void MovingLock::release() {
  if (shown_in_ != nullptr) {
    std::exchange(shown_in_, nullptr)->end_keeping_log();
  }
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

bool checkpoint(sqlite3* db, int mode) {
  const auto end = log_end(db);
  const auto moved_before = frames_moved(db);
  if (end && moved_before && *moved_before >= end->frames &&
      (mode == SQLITE_CHECKPOINT_PASSIVE || *moved_before > end->frames)) {
    return *moved_before == end->frames;
  }
  int frames = 0;
  int moved = 0;
  return sqlite3_wal_checkpoint_v2(db, "main", mode, &frames, &moved) == SQLITE_OK && frames == moved;
}

Error describe_moving_busy(const std::string& path, const std::optional<LockHolder>& holder) {
  const std::string who = holder ? holder->text() : "another process";
  return Error{
      Failure::store, fmt::format("{}: busy: a backup or weir compact is at work on it: {}", path, who),
      holder && holder->stopped ? holder->hint() : "try again when it has ended, or wait longer with --lock-timeout"};
}

Error describe_moved_by_other(const std::string& path) {
  const auto holder = lock_holder(path + "-shm", kFirstSlot + kMovingSlot);
  return Error{Failure::store,
               fmt::format("{}: busy: another program moves its log{}", path, holder ? ": " + holder->text() : ""),
               holder && holder->stopped ? holder->hint() : "wait longer with --lock-timeout"};
}

}  // namespace weir::sqlite
