// `FILE-lock`: where processes queue, and where they are woken.
//
// Locks are on byte ranges, most of them far past the end of the file:
//
//   byte 0                       the turn to write: an exclusive lock, held for one transaction
//   byte 1                       whoever watches the bell holds a shared lock: readers without a group, the head of a
//                                line, readers of several streams
//   byte 2                       the process that moves the log into the database holds an exclusive lock
//   byte 3                       every process that waits for the turn holds a shared lock
//   byte 4                       the process that syncs the log for all that wait for a sync holds an exclusive lock
//   byte 5                       the leader, which appends for all that wait to append, holds an exclusive lock
//   byte 64 + slot               the owner of the slot, which may put messages into it, holds an exclusive lock
//   byte group * 2^32 + ticket   a blocked reader of a group holds an exclusive lock on its place in the line (lines
//                                from 2^30 on are of readers with CLAIM, see ../lines.h);
//                                a smaller ticket came earlier
//
// All locks are the kernel's: a killed process leaves none. Only locks decide who may do what. The contents of the file
// only say whom to wake, so wrong contents do no harm. The exceptions are the two records and the slots for messages to
// append, which have checksums:
//
//   offset 0     rings of the bell for new messages (see system/doorbell.h; here and below 32 bits, native)
//   offset 4     rings for processes that wait for the turn
//   offset 8     rings for processes that were woken for the turn and came too late
//   offset 12    rings for processes that wait for a sync
//   offset 16    64 bits: when somebody last waited in vain for byte 2, in seconds since the system started
//   offset 24    how often byte 2 was taken: shows a waiting process that others take it in turn
//   offset 64    which files lay here when the last process left (rest_record.h)
//   offset 256   how far the log is synced (sync_record.h)
//   offset 512   32 counters of rings, for the slots
//   offset 1024  256 counters of rings, which the places in line share
//   offset 2048  256 times 64 bits: the place of a reader that was passed over as stopped; 0: none
//   offset 4096  the slots (append_slots.h), once several processes have appended at a time; else the file ends here
//
// This code never opens the database's own files: closing a descriptor of theirs would drop SQLite's locks.
//
// lock_file_make.cc makes and opens the file; turn.cc has the turn and the checkpoint, line.cc the lines of blocked
// readers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "stream/result.h"
#include "system/clock.h"
#include "system/doorbell.h"
#include "system/fd.h"
#include "system/file_lock.h"
#include "system/lock_holder.h"

namespace weir::sqlite {

/// The open lock file. Threads: one at a time.
class LockFile {
 public:
  /// Opens the file beside `database_path`, or makes it: see lock_file_make.h.
  static Result<LockFile> open(const std::string& database_path);

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

  /// Once `hurry` is true, this object no longer waits for the turn to write: see FileLimits.
  void heed(const std::atomic<bool>* hurry) { hurry_ = hurry; }
  /// Waits for the turn to write. When `timeout` is over, fails with Failure::store and names the holder. `waited`: the
  /// part of `timeout` that is over already.
  Result<void> take_turn(std::chrono::milliseconds timeout, std::chrono::milliseconds waited = {}) const;
  /// Ends the turn and wakes the next process that waits for it.
  void end_turn() const noexcept;
  /// As end_turn, and also wakes all that wait for messages. The caller's own waiting does not count.
  void end_turn_and_ring() const noexcept;

  bool anybody_waits_for_turn() const;

  /// Takes the right to sync the log for all that wait for a sync; does not wait. False: another process has it.
  bool start_sync() const;
  /// Gives that right up, and wakes the processes that wait for a sync.
  void end_sync() const noexcept;
  Doorbell& sync_bell() const noexcept { return bells_->sync; }

  /// Takes the right to move the log into the database. False: another process has it. With `patience`, waits for the
  /// process that is moving the log. If that process is stopped or unknown, waits one second only; callers that come
  /// soon after do not wait at all.
  bool start_checkpoint(std::optional<std::chrono::milliseconds> patience) const;
  void end_checkpoint() const noexcept;
  /// The process that moves the log, if the system tells. Slow: see lock_holder.h.
  std::optional<LockHolder> who_moves_log() const;

  /// From here until `stop_waiting`, or the end of the process, writers ring for us.
  void start_waiting() const;
  void stop_waiting() const;
  Doorbell& bell() const noexcept { return bells_->messages; }

  /// Joins the end of the line of a group and returns the ticket. Nothing if no place can be had: locks that are not
  /// weir's are in the way, or the tickets have run out. `behind`: the caller's last ticket in this line, if it has
  /// one, since the kernel does not show a process its own locks.
  std::optional<std::int64_t> join_line(std::int64_t group, std::int64_t behind = -1) const;
  /// Leaves the line and wakes the next reader.
  void leave_line(std::int64_t group, std::int64_t ticket) const noexcept;
  bool anyone_in_line(std::int64_t group) const;
  bool anyone_before(std::int64_t group, std::int64_t ticket) const;
  bool anyone_behind(std::int64_t group, std::int64_t ticket) const;
  /// The nearest place before `ticket` whose reader was not passed over; nothing: `ticket` is at the head.
  std::optional<std::int64_t> place_ahead(std::int64_t group, std::int64_t ticket) const;
  bool is_taken(std::int64_t group, std::int64_t ticket) const;
  /// Whether the reader just behind the place `ahead` is next to the head, as far as one look at the locks can tell.
  bool is_next_to_head(std::int64_t group, std::int64_t ahead) const;
  /// Whether the reader in this place may be stopped (Ctrl-Z): it is, or the system does not tell. Slow: see
  /// lock_holder.h.
  bool may_be_stopped(std::int64_t group, std::int64_t ticket) const;
  /// Notes that the reader in this place does not take its messages, so that nobody waits for it again.
  void pass_over(std::int64_t group, std::int64_t ticket) const;
  /// Undoes pass_over, once that reader is awake again.
  void come_back(std::int64_t group, std::int64_t ticket) const;
  /// A bell that rings when the reader ahead of this place leaves the line (but not when that reader is killed).
  std::unique_ptr<Doorbell> bell_of_place(std::int64_t group, std::int64_t ticket) const;

 private:
  /// All bells are made with the object, since ending a turn, a sync or a place in line must not need memory.
  struct Bells {
    explicit Bells(int fd);
    Doorbell messages;
    Doorbell turn;
    Doorbell late;  ///< for processes that were woken for the turn and came too late
    Doorbell sync;
  };
  LockFile(Fd fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)), bells_(std::make_unique<Bells>(fd_.get())) {}
  bool wait_for_turn(const Deadline& deadline) const;
  bool wait_for_checkpoint(std::chrono::milliseconds patience) const;
  bool is_in_hurry() const { return hurry_ != nullptr && *hurry_; }
  void pass_turn() const noexcept;
  std::optional<std::int64_t> taken_in(std::int64_t group, std::int64_t first, std::int64_t last) const;
  std::optional<std::int64_t> nearest_before(std::int64_t group, std::int64_t ticket) const;
  std::optional<std::int64_t> nearest_after(std::int64_t group, std::int64_t ticket) const;
  bool is_passed_over(std::int64_t group, std::int64_t ticket) const;

  Fd fd_;
  std::string path_;
  const std::atomic<bool>* hurry_ = nullptr;
  std::unique_ptr<Bells> bells_;
};

/// The length of the lock file without slots.
inline constexpr off_t kLockFileBytes = 4096;

}  // namespace weir::sqlite
