// How a blocked read sleeps. lock_file.h describes the bells that it sleeps on.
#pragma once

#include <memory>
#include <optional>

#include "sqlite/file/lock_file.h"
#include "system/clock.h"
#include "system/doorbell.h"

namespace weir::sqlite {

enum class Woken {
  maybe,        ///< there may be a message: look
  slow_look,    ///< nobody rang for a while: check whether the database has changed
  interrupted,  ///< the interrupting descriptor is readable
};

/// While an object lives, writers ring.
class BellWaiter {
 public:
  explicit BellWaiter(const LockFile& file);
  ~BellWaiter() { file_.stop_waiting(); }
  BellWaiter(const BellWaiter&) = delete;
  BellWaiter& operator=(const BellWaiter&) = delete;

  /// Call this before each look at the data: whatever is written afterwards ends the next sleep.
  void listen() { file_.bell().listen(); }

  /// Sleeps until the bell rings, but not past the deadline. `interrupt`: a descriptor, or -1.
  Woken sleep(const Deadline& deadline, int interrupt);

 private:
  const LockFile& file_;
};

/// A place in the line of a group, which the object's destructor leaves. If no place can be had (see
/// LockFile::join_line), the object acts as the head of a line of its own.
class PlaceInLine {
 public:
  /// `behind`: the last place in this line that this LockFile has taken, if it has one.
  PlaceInLine(const LockFile& file, std::int64_t group, const PlaceInLine* behind = nullptr);
  ~PlaceInLine();
  PlaceInLine(PlaceInLine&& other) noexcept;
  PlaceInLine(const PlaceInLine&) = delete;
  PlaceInLine& operator=(const PlaceInLine&) = delete;
  PlaceInLine& operator=(PlaceInLine&& other) noexcept;

  std::int64_t group() const { return group_; }

  /// Whether no reader is ahead. Also tells the others that this reader is awake.
  bool at_head();
  /// Only tells the others that this reader is awake.
  void come_back() const;
  /// Whether any reader of another process stands before this place, passed over or not.
  bool anyone_before() const;
  bool anyone_behind() const;
  /// Call this if the reader ahead does not take its messages. If that reader may be stopped, or `in_any_case`, nobody
  /// waits for it any more until it comes back. False: that reader is only slow, or another one is still ahead.
  /// Requires: not at the head.
  bool pass_over_ahead(bool in_any_case);

  /// Sleeps until the reader ahead leaves the line, or for a while. The reader next to the head soon notices the head's
  /// death. Requires: not at the head.
  Woken sleep(const Deadline& deadline, int interrupt);

 private:
  const LockFile* file_;
  std::int64_t group_;
  std::optional<std::int64_t> ticket_;
  std::optional<std::int64_t> ahead_;
  std::chrono::milliseconds patience_{0};  ///< how long the last sleep could be
  std::unique_ptr<Doorbell> bell_;         ///< made at the first sleep
};

}  // namespace weir::sqlite
