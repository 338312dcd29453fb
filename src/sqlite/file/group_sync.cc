// One process syncs the log for all that wait for a sync.
//
// The process that gets byte 4 of the lock file syncs, notes how far (sync_record.h), and wakes the others. They were
// asleep, and now find their commits covered; those that committed too late start the next sync. So while the disk is
// busy with one sync, commits gather for the next. Waiting for more commits before a sync would be slower.
//
// If two processes write in turns, neither is ever covered by the other's sync: each would be woken only to sync. So a
// process that sees exactly one other commit since its own does not wait. With more writers, not waiting would cost
// more than it gains.
//
// Nobody depends on the process that syncs. If it is killed, its lock is gone, and after a short sleep another process
// takes it. If it is stopped (Ctrl-Z), or the disk is slow, or its sync fails, the others sync for themselves (see
// SyncRecord::write_failure).
#include <atomic>

#include "sqlite/file/connection.h"
#include "sqlite/file/sync_record.h"

namespace weir::sqlite {
namespace {

using std::chrono::milliseconds;

/// How long a waiter sleeps before it looks: the process that syncs may have been killed, and then wakes nobody.
constexpr milliseconds kSleep{2};
/// How long to wait in all for the process that syncs, which may be stopped.
constexpr milliseconds kPatience{20};

}  // namespace

void Connection::sync_commit(const std::optional<LogEnd>& end, const CommitSteps& steps) {
  if (end && others_commits_ > 0) {
    sync_with_others(*end, steps);
  } else {
    steps.before_sync();
    sync_log(end);  // nobody else writes, so nobody waits for the record
  }
}

bool Connection::is_covered(const LogEnd& end) {
  if (!SyncRecord::read(lock_file_->fd()).covers(end)) {
    return false;
  }
  log_unsynced_ = false;
  synced_end_ = end;
  return true;
}

Result<void> Connection::sync_begun() {
  if (begun_) {
    sync_with_others(*begun_, {});
  }
  return db_.failed() ? Result<void>(tl::unexpected(db_.take_failure())) : Result<void>();
}

bool Connection::has_sync_failed() const {
  const auto end = log_end(db_.handle());
  return end && SyncRecord::read(lock_file_->fd()).failed(end->salt);
}

void Connection::sync_with_others(const LogEnd& end, const CommitSteps& steps) {
  Doorbell& bell = lock_file_->sync_bell();
  const Deadline deadline = Deadline::after(kPatience);
  for (bell.listen(); !lock_file_->start_sync(); bell.listen()) {
    if (is_covered(end)) {
      return;
    }
    if (others_commits_ == 1 && !steps.for_others) {
      steps.before_sync();
      sync_log(end);
      return;
    }
    if (in_vain_ || !bell.works() || deadline.passed()) {
      in_vain_ = true;
      steps.before_sync();
      sync_log(end);
      return;
    }
    bell.wait(kSleep, -1);
    if (is_covered(end)) {
      return;
    }
  }
  in_vain_ = false;
  if (!is_covered(end)) {
    // This sync also covers what others have committed up to this moment.
    const LogEnd all = log_end(db_.handle()).value_or(end);
    std::atomic_thread_fence(std::memory_order_acquire);
    steps.before_sync();
    sync_log(all);
    if (!log_unsynced_) {
      SyncRecord::write(lock_file_->fd(), all);
    }
  }
  lock_file_->end_sync();
}

}  // namespace weir::sqlite
