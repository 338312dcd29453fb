// `FILE-lock`: where processes queue, and where they are woken. Its first four bytes count the rings of the doorbell
// (see util/doorbell.h); locks are on byte ranges, most of them far behind the end of the file.
//
//   byte 0                       the turn to write: an exclusive lock, held for one transaction
//   byte 1                       everybody who waits for messages holds a shared lock
//   byte 2                       who moves the log into the database holds an exclusive lock
//   byte group * 2^32 + ticket   a blocked reader of a group holds an exclusive lock on its place in the line;
//                                a smaller ticket came earlier
//
// All locks are the kernel's: a process that is killed leaves none.
// The database's own files are never opened here: closing any descriptor of theirs would drop SQLite's locks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "util/clock.h"
#include "util/doorbell.h"
#include "util/fd.h"
#include "util/file_lock.h"
#include "util/result.h"

namespace weir {

/// The open file. Threads: one at a time, but `wait_for_place` may run in a thread of its own.
class LockFile {
 public:
  /// Opens the file beside `database_path`, or makes it with the database's mode and group.
  static Result<LockFile> open(const std::string& database_path);

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

  /// Waits for the turn to write; fails with Failure::store, naming who holds it, when `timeout` is over.
  Result<void> take_turn(std::chrono::milliseconds timeout) const;
  void end_turn() const;

  /// Waits for who is doing it; false if that takes longer.
  bool start_checkpoint(std::chrono::milliseconds timeout) const;
  void end_checkpoint() const;

  /// From here until `stop_waiting`, or the end of the process, writers ring.
  void start_waiting() const;
  void stop_waiting() const;
  /// Wakes those who wait, if there are any. The caller's own waiting does not count.
  void ring() const;
  Doorbell& bell() const;

  /// Joins the end of the line of a group and returns the ticket. Requires: not in it already.
  std::int64_t join_line(std::int64_t group) const;
  void leave_line(std::int64_t group, std::int64_t ticket) const;
  /// The nearest place before `ticket` that somebody is in; nothing: it is at the head.
  std::optional<std::int64_t> place_ahead(std::int64_t group, std::int64_t ticket) const;
  bool anyone_in_line(std::int64_t group) const;
  /// Blocks until the holder of that place leaves or dies, or a signal with a handler arrives (false).
  bool wait_for_place(std::int64_t group, std::int64_t ticket) const;

 private:
  LockFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Fd fd_;
  std::string path_;
  mutable std::unique_ptr<Doorbell> bell_;  ///< made when it is first needed: most processes need none
};

}  // namespace weir
