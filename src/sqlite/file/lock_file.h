// `FILE-lock`: where processes queue, and where they are woken.
//
// Locks are on byte ranges, most of them far past the end of the file:
//
//   byte 0                       the turn to write: an exclusive lock, held for one transaction
//   byte 1                       whoever watches the bell holds a shared lock: readers without a group, the head of a
//                                line, readers of several streams
//   byte 2                       who moves the log into the database holds an exclusive lock
//   byte 3                       everybody who waits for the turn holds a shared lock
//   byte 4                       who syncs the log for all who wait for that holds an exclusive lock
//   byte 5                       who appends for all who wait for that holds an exclusive lock
//   byte 64 + slot               who may ask there to be appended for holds an exclusive lock
//   byte group * 2^32 + ticket   a blocked reader of a group holds an exclusive lock on its place in the line (lines
//                                from 2^30 on are of readers with CLAIM, see ../lines.h);
//                                a smaller ticket came earlier
//
// All locks are the kernel's: a process that is killed leaves none. Who is right is decided by them alone. The file
// itself only says whom to wake, and may hold anything without harm, but for the two records, and the slots of those
// who wait to append, which have checksums:
//
//   offset 0     rings of the bell for new messages (see system/doorbell.h; here and below 32 bits, native)
//   offset 4     rings for those who wait for the turn
//   offset 8     likewise, for those who were woken once and came too late
//   offset 12    likewise, for those who wait for a sync
//   offset 16    64 bits: the second since the system started in which somebody waited in vain for byte 2
//   offset 24    how often byte 2 was taken: who waits for it sees that it goes from hand to hand
//   offset 64    what lay here when the last process left (rest_record.h)
//   offset 256   how far the log was synced (sync_record.h)
//   offset 512   32 counters of rings, for the slots
//   offset 1024  256 counters of rings, for the places in line that fall on them
//   offset 2048  256 times 64 bits: a place whose reader was passed over because it is stopped; 0: none
//   offset 4096  what lies in the slots, since several have appended at a time (append_slots.h), or the end
//
// The database's own files are never opened here: closing any descriptor of theirs would drop SQLite's locks.
//
// lock_file_make.cc makes and opens it; turn.cc has the turn and the checkpoint, line.cc the lines of blocked readers.
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

/// The open file. Threads: one at a time.
class LockFile {
 public:
  /// Opens the file beside `database_path`, or makes it: see lock_file_make.h.
  static Result<LockFile> open(const std::string& database_path);

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

  /// Nobody waits for the turn to write any more once it is true: see FileLimits.
  void heed(const std::atomic<bool>* hurry) { hurry_ = hurry; }
  /// Waits for the turn to write; fails with Failure::store, naming who holds it, when `timeout` is over, of which
  /// `waited` is over already.
  Result<void> take_turn(std::chrono::milliseconds timeout, std::chrono::milliseconds waited = {}) const;
  /// Lets the next one go on.
  void end_turn() const noexcept;
  /// Likewise, and wakes those who wait for messages, if there are any. The caller's own waiting does not count.
  void end_turn_and_ring() const noexcept;

  bool anybody_waits_for_turn() const;

  /// To sync the log for all who wait for that; does not wait. False: somebody else does.
  bool start_sync() const;
  /// Wakes those who wait for it.
  void end_sync() const noexcept;
  Doorbell& sync_bell() const noexcept { return bells_->sync; }

  /// False if somebody else is doing it. With `patience` it is waited for, unless that one is stopped or nobody knows
  /// who it is: then one waits a second, and others that come soon after do not.
  bool start_checkpoint(std::optional<std::chrono::milliseconds> patience) const;
  void end_checkpoint() const noexcept;
  /// If the system tells. Slow: see lock_holder.h.
  std::optional<LockHolder> who_moves_log() const;

  /// From here until `stop_waiting`, or the end of the process, writers ring.
  void start_waiting() const;
  void stop_waiting() const;
  Doorbell& bell() const noexcept { return bells_->messages; }

  /// Joins the end of the line of a group and returns the ticket; nothing where there is no place to be had: locks
  /// that are not weir's are in the way, or the tickets have run out. Who is in it already, and so would not see its
  /// own places, gives the last of them as `behind`.
  std::optional<std::int64_t> join_line(std::int64_t group, std::int64_t behind = -1) const;
  /// Leaves it and wakes the next.
  void leave_line(std::int64_t group, std::int64_t ticket) const noexcept;
  bool anyone_in_line(std::int64_t group) const;
  bool anyone_before(std::int64_t group, std::int64_t ticket) const;
  bool anyone_behind(std::int64_t group, std::int64_t ticket) const;
  /// The nearest place before `ticket` that somebody is in who was not passed over; nothing: it is at the head.
  std::optional<std::int64_t> place_ahead(std::int64_t group, std::int64_t ticket) const;
  bool is_taken(std::int64_t group, std::int64_t ticket) const;
  /// Whether the reader that has `ahead` ahead of it is, as far as one question can tell, the next one.
  bool is_next_to_head(std::int64_t group, std::int64_t ahead) const;
  /// Whether who is in this place may be stopped (Ctrl-Z): it is, or the system does not tell. Slow: see lock_holder.h.
  bool may_be_stopped(std::int64_t group, std::int64_t ticket) const;
  /// Notes that who is in this place does not take what lies there, so that nobody waits for it again.
  void pass_over(std::int64_t group, std::int64_t ticket) const;
  /// Takes that back.
  void come_back(std::int64_t group, std::int64_t ticket) const;
  /// Rings when the one ahead of this place leaves it (but not when it is killed).
  std::unique_ptr<Doorbell> bell_of_place(std::int64_t group, std::int64_t ticket) const;

 private:
  /// All made with the file: what ends a turn, a sync or a place in line may need no memory.
  struct Bells {
    explicit Bells(int fd);
    Doorbell messages;
    Doorbell turn;
    Doorbell late;  ///< for those who were woken for the turn and came too late
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

/// Of the file: see above.
inline constexpr off_t kLockFileBytes = 4096;

}  // namespace weir::sqlite
