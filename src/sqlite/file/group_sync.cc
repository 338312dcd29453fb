// One sync of the log for all who wait for theirs.
//
// Whoever gets byte 4 of the lock file syncs, notes how far (sync_record.h), and wakes the others, which meanwhile
// sleep and find their commit covered; those that committed too late for it do the same once more. So while the disk is
// busy with one sync, the next one gathers. Letting the one who syncs wait for company first makes it slower.
//
// Of two who write in turns neither would ever find itself covered by the other's sync: it is woken only to sync. So
// who sees that there was one other commit since its own does not wait. With more, that would cost more than it gives.
//
// Nobody depends on that one who syncs. If it is killed its lock is gone, and a short sleep later the next one has it.
// If it is stopped (Ctrl-Z), or the disk is slow, the others sync for themselves. If its sync fails, they do so too,
// and see for themselves: see SyncRecord::write_failure.
#include <atomic>

#include "sqlite/file/connection.h"
#include "sqlite/file/sync_record.h"

namespace weir::sqlite {
namespace {

using std::chrono::milliseconds;

/// How long to sleep, in case that the one who syncs was killed and wakes nobody.
constexpr milliseconds kSleep{2};
/// How long to wait for it in all, in case that it is stopped.
constexpr milliseconds kPatience{20};

}  // namespace

void Connection::sync_commit(const std::optional<LogEnd>& end, const CommitSteps& steps) {
  if (end && others_commits_ > 0) {
    sync_with_others(*end, steps);
  } else {
    steps.before_sync();
    sync_log(end);  // alone there is nobody to tell
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
    // What others have committed by now is in the log before this sync begins.
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
