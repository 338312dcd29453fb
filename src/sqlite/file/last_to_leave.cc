#include "sqlite/file/last_to_leave.h"

#include <chrono>
#include <thread>

#include "sqlite/database/log_moving.h"

namespace weir::sqlite {
namespace {

int lock_state(sqlite3* db) {
  int state = SQLITE_LOCK_NONE;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_LOCKSTATE, &state);
  return state;
}

}  // namespace

bool become_last(sqlite3* db) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, nullptr, SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || lock_state(db) != SQLITE_LOCK_SHARED) {
    return false;
  }
  // If several connections close at the same time, one gets the reserved lock, which nothing else takes while there is
  // a log. The others wait here until that one is gone. So one of them is the last.
  constexpr std::chrono::milliseconds kPause{1};
  constexpr int kTries = 1000;
  for (int i = 0; file->pMethods->xLock(file, SQLITE_LOCK_RESERVED) != SQLITE_OK; ++i) {
    if (i == kTries) {
      return false;
    }
    std::this_thread::sleep_for(kPause);
  }
  return file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE) == SQLITE_OK;
}

bool empty_log_unsynced(sqlite3* db) {
  return sqlite3_exec(db, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr) == SQLITE_OK &&
         move_log(db, Moves::some);
}

}  // namespace weir::sqlite
