// The write-ahead log: when it is synced, and when what it holds is moved into the database.
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
// A process that starts when no other is connected reads the whole log, so one that ends leaves a short one. While
// processes stay connected a longer log costs nothing, and moving it in larger pieces is cheaper. But a sync costs
// twice as much while the log's file grows, whose new length is then written too, and each small commit waits for one:
// so these begin the log anew earlier, and overwrite it.
constexpr int kLongAtEnd = 256;
constexpr int kLongForSmall = 1000;
constexpr int kSmallCommit = 16;
constexpr int kLong = 4096;      ///< moved into the database, beside other writers
constexpr int kVeryLong = 8192;  ///< they kept it from being reset: what is left is moved during a turn
constexpr int kTooLong = 16384;  ///< it grows faster than it is moved: writers wait for it
constexpr int kLonger = 1024;    ///< grown by so much since the last attempt: another is worth its syncs

/// While a turn is held for it: a reader needs a moment, or, where the machine is busy, many. One of another program
/// may read for hours: the longer the log is, the more rarely it is waited for.
constexpr int kWaitForReadersMs = 20;
constexpr int kWaitLongForReadersMs = 500;

/// By how much it may grow until the next attempt.
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

/// `end`: of the log now, or a little earlier.
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

/// Through SQLite's own handle of it, which is told of a failure that another would not hear of.
bool Connection::sync_log_file() {
  sqlite3_file* file = log_file();
  if (file == nullptr || file->pMethods == nullptr) {
    return false;
  }
  const int code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  if (code != SQLITE_OK) {
    // The connection knows nothing of it. Other file systems than SQLite's own do not tell the reason.
    int reason = 0;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &reason);
    Error failed = describe_failure({code, reason, {}}, db_.path());
    // Also where it is for want of room: it is committed, and whoever does it again has done it twice.
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
  self.commit_frames_ = frames > before ? frames - before : frames;  // else the log has begun anew
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
  // Always before the turn, never during it: so two processes cannot wait for each other.
  // Who moves it may be stopped: then the log goes on growing.
  if (!lock_file_->start_checkpoint(log_frames_ < kTooLong ? std::nullopt : std::optional(options_.lock_timeout))) {
    return;
  }
  last_attempt_ = log_frames_;
  move_log(db_.handle(), Moves::some);
  // What came meanwhile is little. During a turn nothing can come, and once it is all moved and no reader needs it,
  // the next writer starts the log anew; a very long one gives its space back.
  if ((small || log_frames_ >= kVeryLong) && lock_file_->take_turn(options_.lock_timeout)) {
    if (log_frames_ < kVeryLong) {
      move_log(db_.handle(), Moves::some);  // readers are not waited for
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
    // Wherever the database is now, it gets what the log holds: nobody else may find the two together again. But only
    // from the last of those who have it: others may have another log by now, of its new name.
    if (become_last(db_.handle())) {
      move_log(db_.handle(), Moves::some);
    }
    return;
  }
  if (log_unsynced_ && options_.durability != Durability::normal) {
    sync_log(log_end(db_.handle()));
  }
  // Nobody is waited for: a turn that somebody holds, or a reader, means that others are there to do it.
  if (commits_ > 0 && log_frames_ >= kLongAtEnd && lock_file_->take_turn(std::chrono::milliseconds(0))) {
    sqlite3_busy_timeout(db_.handle(), 0);
    move_log(db_.handle(), Moves::all);
    lock_file_->end_turn();
  }
  leave_complete();
}

/// See last_to_leave.h. From here on the connection can only be closed.
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
    return;  // nothing has been written since the last one left
  }
  // Nothing may reach the database that the log on the disk cannot bring back.
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
