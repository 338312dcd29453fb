#include "sqlite/file/transaction.h"

#include <fmt/format.h>

#include <algorithm>

#include "sqlite/database/failure.h"
#include "sqlite/database/log_writing.h"
#include "sqlite/file/schema.h"
#include "sqlite/file/sync_record.h"
#include "system/lock_holder.h"

namespace weir::sqlite {

Result<void> Connection::check_may_write() const {
  if (sqlite3_db_readonly(db_.handle(), "main") == 1) {
    return tl::unexpected(describe_read_only(db_.path()));
  }
  return {};
}

Result<bool> Connection::begin_write_at_once() {
  WEIR_TRY(check_may_write());
  WEIR_ASSIGN(const LockFile* lock_file, this->lock_file());
  if (!lock_file->take_turn(std::chrono::milliseconds(0))) {
    return false;
  }
  // A program that is not weir may write without a turn.
  sqlite3_busy_timeout(db_.handle(), 0);
  db_.begin("BEGIN IMMEDIATE");
  set_busy_timeout();
  if (db_.failed()) {
    db_.take_failure();
    lock_file->end_turn();
    return false;
  }
  look_at_log();
  return true;
}

Result<void> Connection::begin_write(std::chrono::milliseconds waited) {
  WEIR_TRY(check_may_write());
  WEIR_ASSIGN(const LockFile* lock_file, this->lock_file());
  const SteadyTime asked = std::chrono::steady_clock::now();
  WEIR_TRY(lock_file->take_turn(options_.lock_timeout, waited));
  waited += std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - asked);
  if (waited.count() > 0) {
    set_busy_timeout(std::max(options_.lock_timeout - waited, std::chrono::milliseconds(0)));
  }
  db_.begin("BEGIN IMMEDIATE");
  if (waited.count() > 0) {
    set_busy_timeout();
  }
  if (db_.failed()) {
    Error error = db_.take_failure();
    lock_file->end_turn();
    // SQLite's lock to write is byte 120 of the shared-memory file. That file is not opened here, only looked up by its
    // path.
    constexpr std::int64_t kWriteLock = 120;
    if (const auto holder = lock_holder(db_.path() + "-shm", kWriteLock)) {
      error.message += fmt::format(": {}", holder->text());
      error.hint = holder->stopped ? holder->hint() : std::move(error.hint);
    }
    return tl::unexpected(std::move(error));
  }
  look_at_log();
  return {};
}

/// Notes the state of the log when a write transaction has begun.
void Connection::look_at_log() {
  begun_ = log_end(db_.handle());
  others_commits_ = !own_end_ || begun_ == own_end_ ? 0 : std::max(1U, begun_ ? begun_->change - own_end_->change : 0);
  if (!begun_ || begun_ != own_end_) {
    db_.note_elsewhere();
  }
  if (commits_ == 0 && begun_) {
    SyncRecord::remove_if_false(lock_file_->fd(), *begun_);
  }
}

Result<void> Connection::commit_write(bool worth_a_sync, const CommitSteps& steps) {
  const bool syncs = worth_a_sync && options_.durability == Durability::full;
  {
    // A process that writes alone syncs right after this; with others, one process syncs for all.
    const bool alone = own_end_ && others_commits_ == 0;
    using Disk = GatheredCommit::Disk;
    const GatheredCommit gathered(log_file(), syncs && alone ? Disk::begins : Disk::waits);
    commit_frames_ = 0;
    db_.query("COMMIT").run();
  }
  if (db_.failed()) {
    Error error = db_.take_failure();
    roll_back();
    return tl::unexpected(std::move(error));
  }
  // If the commit wrote nothing, it ends where it began, even if others have written since.
  own_end_ = commit_frames_ > 0 ? log_end(db_.handle()) : begun_;
  if (own_end_ && begun_ && own_end_ != begun_ && own_end_->change != begun_->change + 1) {
    // Another program wrote as soon as SQLite allowed it. The log now ends after its commit, but our own commit ends
    // before it.
    own_end_->change = begun_->change + 1;
  }
  lock_file_->end_turn_and_ring();
  ++commits_;
  log_unsynced_ = true;
  auto files = check_files();  // while the disk writes
  if (syncs) {
    sync_commit(own_end_, steps);
  }
  if (files && !db_.failed()) {
    steps.safe();
  }
  checkpoint_if_large();
  if (db_.failed()) {
    return tl::unexpected(db_.take_failure());
  }
  return files;
}

void Connection::check_files_now_and_then() {
  constexpr std::chrono::milliseconds kPause{250};
  const auto now = std::chrono::steady_clock::now();
  if (now - files_checked_ < kPause) {
    return;
  }
  files_checked_ = now;
  if (auto checked = check_files(); !checked) {
    db_.note_failure(std::move(checked).error());
  }
}

void Connection::roll_back() {
  db_.note_elsewhere();
  if (db_.failed()) {
    db_.take_failure();  // the reason for undoing has been reported already
  }
  db_.undo();  // also works while an out-of-memory exception is on its way
  lock_file_->end_turn();
}

ReadTransaction::ReadTransaction(Connection& connection) : connection_(connection), own_(!connection.in_parts_) {
  if (own_) {
    connection_.check_files_now_and_then();
    connection_.db_.begin("BEGIN");
    if (connection_.shows_old_schema_) {
      connection_.shows_old_schema_ = !stop_showing_if_migrated(connection_.db_);
    }
  }
}

ReadTransaction::~ReadTransaction() {
  if (own_) {
    connection_.db_.end();
  }
}

Result<WriteTransaction> WriteTransaction::begin(Connection& connection, std::chrono::milliseconds waited) {
  const bool own = !connection.in_parts_;
  if (own) {
    WEIR_TRY(connection.begin_write(waited));
  }
  return WriteTransaction(connection, own);
}

Result<std::optional<WriteTransaction>> WriteTransaction::begin_at_once(Connection& connection) {
  WEIR_ASSIGN(const bool begun, connection.begin_write_at_once());
  std::optional<WriteTransaction> transaction;
  if (begun) {
    transaction.emplace(WriteTransaction(connection, true));
  }
  return transaction;
}

WriteTransaction::WriteTransaction(WriteTransaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), own_(other.own_) {}

WriteTransaction::~WriteTransaction() {
  if (connection_ != nullptr && own_) {
    connection_->roll_back();
  }
}

Result<void> WriteTransaction::finish(bool worth_a_sync, const CommitSteps& steps) {
  Connection& connection = *connection_;
  if (connection.db_.failed()) {
    if (!own_) {
      connection_ = nullptr;  // the owner undoes the whole transaction
    }
    return tl::unexpected(connection.db_.take_failure());
  }
  connection_ = nullptr;
  if (!own_) {
    connection.parts_ = std::max(connection.parts_, worth_a_sync ? Connection::Parts::sync : Connection::Parts::commit);
  }
  return own_ ? connection.commit_write(worth_a_sync, steps) : Result<void>();
}

}  // namespace weir::sqlite
