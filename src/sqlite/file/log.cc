// The write-ahead log: when it is synced, and when it is moved into the database.
#include <algorithm>
#include <new>

#include "sqlite/database/failure.h"
#include "sqlite/database/log_moving.h"
#include "sqlite/file/connection.h"
#include "sqlite/file/last_to_leave.h"
#include "sqlite/file/rest_record.h"
#include "sqlite/file/sync_record.h"

namespace weir::sqlite {
namespace {

// Lengths of the write-ahead log, in pages.
//
// A process that starts when no other is connected reads the whole log, so a process that ends leaves a short log.
// While processes stay connected a longer log costs nothing, and moving it in larger pieces is cheaper. But a sync
// costs twice as much while the log's file grows, since the new length has to be written too. Each small commit waits
// for a sync, so small commits begin the log anew earlier, and overwrite it.
constexpr int kLongAtEnd = 256;
constexpr int kLongForSmall = 1000;
constexpr int kSmallCommit = 16;
constexpr int kLong = 4096;      ///< is moved into the database while others write
constexpr int kVeryLong = 8192;  ///< other writers kept it from being reset: the rest is moved during a turn
constexpr int kTooLong = 16384;  ///< it grows faster than it is moved: writers wait for the move
constexpr int kLonger = 1024;    ///< growth since the last attempt that makes another worth its syncs

/// How long a turn waits for readers. A reader needs a moment, or many on a busy machine. A reader of another program
/// may read for hours; so the longer the log is, the more rarely we wait.
constexpr int kWaitForReadersMs = 20;
constexpr int kWaitLongForReadersMs = 500;

/// By how much the log may grow until the next attempt.
int growth_after(int frames) {
  return frames < kTooLong ? kLonger : frames / 4;
}

}  // namespace

Connection::~Connection() {
  try {
    checkpoint_at_end();
  } catch (const std::bad_alloc&) {  // the log stays as it is, complete
    return;
  }
}

/// `end`: where the log ends now, or ended a little earlier.
void Connection::sync_log(const std::optional<LogEnd>& end) {
  if (sync_log_file()) {
    log_unsynced_ = false;
    synced_end_ = end;
  } else if (end && lock_file_) {
    SyncRecord::write_failure(lock_file_->fd(), end->salt);
  }
}

sqlite3_file* Connection::log_file() {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_.handle(), nullptr, SQLITE_FCNTL_JOURNAL_POINTER, &file);
  return file;
}

/// Syncs through SQLite's own handle of the log, which gets to know of write errors that a new handle would not.
bool Connection::sync_log_file() {
  sqlite3_file* file = log_file();
  if (file == nullptr || file->pMethods == nullptr) {
    return false;
  }
  const int code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  if (code != SQLITE_OK) {
    // SQLite's connection does not know of this failure. Only SQLite's own file systems tell the reason.
    int reason = 0;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &reason);
    Error failed = describe_failure({code, reason, {}}, db_.path());
    // Not `no_room`, even if the disk is full: the change is committed, and a second try would make it twice.
    failed.cause = Cause::other;
    failed.hint = "it is in the database, but may be gone after a loss of power: look before you do it again";
    db_.note_failure(std::move(failed));
  }
  return code == SQLITE_OK;
}

int Connection::on_commit(void* connection, sqlite3*, const char*, int frames) {
  Connection& self = *static_cast<Connection*>(connection);
  const int before = self.begun_ ? static_cast<int>(self.begun_->frames) : 0;
  self.log_frames_ = frames;
  self.commit_frames_ = frames > before ? frames - before : frames;  // otherwise the log has begun anew
  return SQLITE_OK;
}

void Connection::checkpoint_if_large() {
  if (log_frames_ < last_attempt_) {
    last_attempt_ = 0;  // the log was reset
  }
  const bool small = commit_frames_ <= kSmallCommit;
  if (log_frames_ < (small ? kLongForSmall : kLong) || log_frames_ < last_attempt_ + growth_after(last_attempt_)) {
    return;
  }
  // The lock to move is always taken before the turn, never during it: so two processes cannot wait for each other.
  // The process that moves the log may be stopped: then the log goes on growing.
  if (!lock_file_->start_checkpoint(log_frames_ < kTooLong ? std::nullopt : std::optional(options_.lock_timeout))) {
    return;
  }
  last_attempt_ = log_frames_;
  move_log(db_.handle(), Moves::some);
  // Little was written meanwhile. During a turn nothing is added, and once the log is all moved and no reader needs it,
  // the next writer begins it anew; a very long log gives its space back.
  if ((small || log_frames_ >= kVeryLong) && lock_file_->take_turn(options_.lock_timeout)) {
    if (log_frames_ < kVeryLong) {
      move_log(db_.handle(), Moves::some);  // does not wait for readers
    } else {
      sqlite3_busy_timeout(db_.handle(), log_frames_ < kTooLong ? kWaitForReadersMs : kWaitLongForReadersMs);
      move_log(db_.handle(), Moves::all);
      set_busy_timeout();
    }
    lock_file_->end_turn();
  }
  lock_file_->end_checkpoint();
}

bool Connection::make_room() {
  const auto end = log_end(db_.handle());
  if (in_parts_ || !end || end->frames == 0 || !lock_file_ || !lock_file_->start_checkpoint(std::nullopt)) {
    return false;
  }
  const bool moved = move_log(db_.handle(), Moves::some);
  lock_file_->end_checkpoint();
  return moved;
}

void Connection::checkpoint_at_end() {
  if (files_lost_) {
    // Wherever the database is now, the log is moved into it: nobody else may find the two together again. But only the
    // last process that has it open does so: others may use another log by now, beside its new name.
    if (become_last(db_.handle())) {
      move_log(db_.handle(), Moves::some);
    }
    return;
  }
  if (log_unsynced_ && options_.durability != Durability::normal) {
    sync_log(log_end(db_.handle()));
  }
  // Does not wait: if another process has the turn, or reads, it can move the log itself.
  if (commits_ > 0 && log_frames_ >= kLongAtEnd && lock_file_->take_turn(std::chrono::milliseconds(0))) {
    sqlite3_busy_timeout(db_.handle(), 0);
    move_log(db_.handle(), Moves::all);
    lock_file_->end_turn();
  }
  leave_complete();
}

/// Leaves the file complete if this connection is the last: see last_to_leave.h. After that it can only be closed.
void Connection::leave_complete() {
  sqlite3* handle = db_.handle();
  const bool may_write = sqlite3_db_readonly(handle, "main") == 0;
  if (!may_write || !log_end(handle) || !become_last(handle)) {
    return;
  }
  const auto end = log_end(handle);
  const LockFile* lock_file = lock_file_if_there();
  const auto record = lock_file != nullptr ? RestRecord::read(lock_file->fd()) : std::nullopt;
  if (!end ||
      (record && record->end == end && record->database == FileMark::of(db_.path()) && record->is_of_this_run())) {
    return;  // nothing has been written since the last connection left
  }
  // Only pages that the log on the disk can bring back may be written into the database.
  if (end->frames > 0 && end != synced_end_ && !sync_log_file()) {
    return;
  }
  if (!empty_log_unsynced(handle) || lock_file == nullptr) {
    return;
  }
  if (const auto now = RestRecord::of(db_.path(), *end)) {
    now->write(lock_file->fd());
  }
}

}  // namespace weir::sqlite
