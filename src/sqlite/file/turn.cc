// The turn to write, the right to move the log, and the right to sync it for others.
//
// A process that waits for the turn sleeps on a bell; a process that ends its turn rings it for one waiter. The lock
// decides who has the turn; the bell only says when to try. So a lost ring (its ringer was killed) only means that the
// waiter tries a little later.
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sqlite/file/lock_file.h"
#include "system/system_reason.h"

namespace weir::sqlite {
namespace {

using std::chrono::milliseconds;

constexpr ByteRange kTurn{0, 0};
constexpr ByteRange kWaitForMessages{1, 1};
constexpr ByteRange kCheckpoint{2, 2};
constexpr ByteRange kWaitForTurn{3, 3};
constexpr ByteRange kAnybodyWaits{1, 3};
constexpr ByteRange kSync{4, 4};

constexpr off_t kWaitedInVain = 16;
constexpr off_t kCheckpointsBegun = 24;

/// While an object lives, every process that ends its turn rings.
class WaitForTurn {
 public:
  explicit WaitForTurn(int fd) : fd_(fd) { try_lock(fd_, kWaitForTurn, LockKind::shared); }
  ~WaitForTurn() { unlock(fd_, kWaitForTurn); }
  WaitForTurn(const WaitForTurn&) = delete;
  WaitForTurn& operator=(const WaitForTurn&) = delete;

 private:
  int fd_;
};

/// Seconds since the system started.
std::int64_t uptime() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

/// How often byte 2 was taken; always 0 if that cannot be read.
std::uint32_t checkpoints_begun(int fd) {
  std::uint32_t count = 0;
  return pread(fd, &count, sizeof count, kCheckpointsBegun) == sizeof count ? count : 0;
}

/// Requires: the lock on byte 2.
void count_checkpoint(int fd) {
  const std::uint32_t count = checkpoints_begun(fd) + 1;
  [[maybe_unused]] const ssize_t written = pwrite(fd, &count, sizeof count, kCheckpointsBegun);
}

}  // namespace

bool LockFile::wait_for_turn(const Deadline& deadline) const {
  // A waiter that was woken and came too late sleeps on a bell of its own, which is rung first: so nobody is overtaken
  // for long.
  constexpr milliseconds kFirst{20};
  constexpr milliseconds kLongest{100};
  const WaitForTurn waiting(fd_.get());
  Doorbell* bell = &bells_->turn;
  for (milliseconds patience = kFirst;; patience = std::min(2 * patience, kLongest)) {
    bell->listen();
    if (try_lock(fd_.get(), kTurn, LockKind::exclusive)) {
      return true;
    }
    if (deadline.passed() || is_in_hurry()) {
      return false;
    }
    bell->wait(deadline.left(patience), -1);
    bell = &bells_->late;
  }
}

Result<void> LockFile::take_turn(milliseconds timeout, milliseconds waited_before) const {
  if (try_lock(fd_.get(), kTurn, LockKind::exclusive)) {
    return {};
  }
  if (errno != EAGAIN && errno != EACCES) {
    return fail(Failure::store, fmt::format("{}: cannot be locked: {}", path_, system_reason(errno)),
                "weir needs to lock this file to take its turn");
  }
  const auto begun = std::chrono::steady_clock::now() - waited_before;
  const auto left = std::max(timeout - waited_before, milliseconds(0));
  if (timeout > milliseconds(0) && wait_for_turn(Deadline::after(left))) {
    return {};
  }
  const auto waited =
      is_in_hurry() ? std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun) : timeout;
  const auto holder = timeout > milliseconds(0) ? lock_holder(path_, kTurn.first) : std::nullopt;
  return fail(Failure::store,
              fmt::format("{}: busy: waited {} ms for the turn to write, which {} holds", path_, waited.count(),
                          holder ? holder->text() : "another process"),
              holder && holder->stopped ? holder->hint()
                                        : "wait longer with --lock-timeout, or look at what that process does");
}

/// Wakes the next process that waits for the turn.
void LockFile::pass_turn() const noexcept {
  if (!bells_->late.ring_for_one()) {
    bells_->turn.ring_for_one();
  }
}

void LockFile::end_turn() const noexcept {
  unlock(fd_.get(), kTurn);
  if (locked_by_others(fd_.get(), kWaitForTurn)) {
    pass_turn();
  }
}

void LockFile::end_turn_and_ring() const noexcept {
  unlock(fd_.get(), kTurn);
  // Usually nobody waits for anything, and then one look at the locks is enough.
  const auto found = locked_by_others(fd_.get(), kAnybodyWaits);  // any one of the locks there
  if (!found) {
    return;
  }
  if (found->first == kWaitForTurn.first || locked_by_others(fd_.get(), kWaitForTurn)) {
    pass_turn();
  }
  if (found->first == kWaitForMessages.first || locked_by_others(fd_.get(), kWaitForMessages)) {
    bell().ring();
  }
}

bool LockFile::anybody_waits_for_turn() const {
  return locked_by_others(fd_.get(), kWaitForTurn).has_value();
}

bool LockFile::start_sync() const {
  return try_lock(fd_.get(), kSync, LockKind::exclusive);
}

void LockFile::end_sync() const noexcept {
  unlock(fd_.get(), kSync);
  sync_bell().ring();
}

bool LockFile::start_checkpoint(std::optional<milliseconds> patience) const {
  if (!try_lock(fd_.get(), kCheckpoint, LockKind::exclusive) && !(patience && wait_for_checkpoint(*patience))) {
    return false;
  }
  count_checkpoint(fd_.get());
  return true;
}

bool LockFile::wait_for_checkpoint(milliseconds patience) const {
  constexpr std::int64_t kSoonAfter = 30;
  std::int64_t waited_in_vain = 0;
  if (pread(fd_.get(), &waited_in_vain, sizeof waited_in_vain, kWaitedInVain) == sizeof waited_in_vain &&
      waited_in_vain > 0 && std::abs(uptime() - waited_in_vain) < kSoonAfter) {
    return false;
  }
  const Deadline deadline = Deadline::after(patience);
  do {
    constexpr milliseconds kStep{1000};
    const std::uint32_t begun = checkpoints_begun(fd_.get());
    switch (lock(fd_.get(), kCheckpoint, LockKind::exclusive, Deadline::after(deadline.left(kStep)))) {
      case LockOutcome::taken:
        return true;
      case LockOutcome::failed:
        return false;
      case LockOutcome::timed_out:
        break;
    }
    const auto holder = who_moves_log();
    // If the lock changed hands meanwhile, no holder may have been seen, but then no holder is stopped either.
    if ((!holder || holder->stopped) && checkpoints_begun(fd_.get()) == begun) {
      if (try_lock(fd_.get(), kCheckpoint, LockKind::exclusive)) {
        return true;  // the holder was done before we looked
      }
      break;
    }
  } while (!deadline.passed());
  const std::int64_t now = uptime();
  [[maybe_unused]] const ssize_t written = pwrite(fd_.get(), &now, sizeof now, kWaitedInVain);
  return false;
}

std::optional<LockHolder> LockFile::who_moves_log() const {
  return lock_holder(path_, kCheckpoint.first);
}

void LockFile::end_checkpoint() const noexcept {
  unlock(fd_.get(), kCheckpoint);
}

}  // namespace weir::sqlite
