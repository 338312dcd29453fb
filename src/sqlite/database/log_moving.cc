#include "sqlite/database/log_moving.h"

#include <new>
#include <optional>

#include "sqlite/database/log_index.h"

namespace weir::sqlite {
namespace {

// See "WAL-Index Format" in SQLite's documentation.
constexpr int kToWrite = 0;
constexpr int kToMove = 1;
constexpr int kFirstReader = 4;  ///< the first reader lock whose readers also read the log
constexpr int kReaders = 4;

constexpr int kLock = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
constexpr int kUnlock = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;

/// Reached from a file by its methods, which are the first member here.
struct Guard {
  sqlite3_io_methods methods;
  const sqlite3_io_methods* real;
  std::optional<Moves> task;
  bool may_move;     ///< holds the lock to move
  bool took_moving;  ///< took that lock only to begin the log anew
};

Guard& guard_of(sqlite3_file* file) {
  return *reinterpret_cast<Guard*>(const_cast<sqlite3_io_methods*>(file->pMethods));
}

int lock_to_move(sqlite3_file* file, Guard& guard, int flags) {
  const int code = guard.real->xShmLock(file, kToMove, 1, flags);
  guard.may_move = flags == kLock ? code == SQLITE_OK : guard.may_move && code != SQLITE_OK;
  if (guard.may_move && guard.task == Moves::some && is_all_moved(file)) {
    lock_to_move(file, guard, kUnlock);
    return SQLITE_BUSY;
  }
  return code;
}

void give_back_moving(sqlite3_file* file, Guard& guard) {
  if (guard.took_moving) {
    guard.took_moving = false;
    lock_to_move(file, guard, kUnlock);
  }
}

/// SQLite locks out all readers of the log only to begin it anew.
int lock_readers(sqlite3_file* file, Guard& guard) {
  if (!guard.may_move) {
    if (const int code = lock_to_move(file, guard, kLock); code != SQLITE_OK) {
      return code;
    }
    guard.took_moving = true;
  }
  const int code = guard.real->xShmLock(file, kFirstReader, kReaders, kLock);
  if (code == SQLITE_OK) {
    forget_moved(file);
  } else {
    give_back_moving(file, guard);
  }
  return code;
}

int unlock_readers(sqlite3_file* file, Guard& guard) {
  const int code = guard.real->xShmLock(file, kFirstReader, kReaders, kUnlock);
  give_back_moving(file, guard);
  return code;
}

int lock_index(sqlite3_file* file, int first, int count, int flags) {
  Guard& guard = guard_of(file);
  if (flags == kLock || flags == kUnlock) {
    if (first == kToMove && count == 1) {
      return lock_to_move(file, guard, flags);
    }
    if (first == kFirstReader && count == kReaders) {
      return flags == kLock ? lock_readers(file, guard) : unlock_readers(file, guard);
    }
  }
  const int code = guard.real->xShmLock(file, first, count, flags);
  return code == SQLITE_BUSY && first == kToWrite && guard.task == Moves::all && guard.may_move ? SQLITE_LOCKED : code;
}

}  // namespace

const int kGuardBytes = sizeof(Guard);

void guard_locks(sqlite3_file* file, void* room) {
  if (file->pMethods->iVersion >= 2 && file->pMethods->xShmLock != nullptr) {
    auto* guard = new (room) Guard{*file->pMethods, file->pMethods, std::nullopt, false, false};
    guard->methods.xShmLock = lock_index;
    file->pMethods = &guard->methods;
  }
}

bool move_log(sqlite3* db, Moves what) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  const bool is_guarded = file != nullptr && file->pMethods != nullptr && file->pMethods->xShmLock == lock_index;
  if (is_guarded) {
    guard_of(file).task = what;
  }
  int frames = 0;
  int moved = 0;
  const int how = what == Moves::all ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(db, "main", how, &frames, &moved);
  if (is_guarded) {
    guard_of(file).task.reset();
  }
  return code == SQLITE_OK ? frames == moved : code == SQLITE_BUSY && what == Moves::some && is_all_moved(file);
}

}  // namespace weir::sqlite
