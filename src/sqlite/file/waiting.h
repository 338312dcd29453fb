// How a blocked read sleeps. See lock_file.h for what it sleeps on.
#pragma once

#include <memory>
#include <optional>

#include "sqlite/file/lock_file.h"
#include "system/clock.h"
#include "system/doorbell.h"

namespace weir::sqlite {

enum class Woken {
  maybe,        ///< there may be something: look
  slow_look,    ///< nobody rang for a while: look whether the database has changed
  interrupted,  ///< the interrupting descriptor is readable
};

/// While it lives, writers ring.
class BellWaiter {
 public:
  explicit BellWaiter(const LockFile& file);
  ~BellWaiter() { file_.stop_waiting(); }
  BellWaiter(const BellWaiter&) = delete;
  BellWaiter& operator=(const BellWaiter&) = delete;

  /// To be called before each look at the data: what comes after it ends the next sleep.
  void listen() { file_.bell().listen(); }

  /// Sleeps until the bell rings, but not past the deadline. `interrupt`: a descriptor, or -1.
  Woken sleep(const Deadline& deadline, int interrupt);

 private:
  const LockFile& file_;
};

/// A place in the line of a group, left with the object, however that ends. Where no place can be had (see
/// LockFile::join_line) it is the head of a line of its own.
class PlaceInLine {
 public:
  /// `behind`: the last place in this line that was taken through the same lock file, if there is one.
  PlaceInLine(const LockFile& file, std::int64_t group, const PlaceInLine* behind = nullptr);
  ~PlaceInLine();
  PlaceInLine(PlaceInLine&& other) noexcept;
  PlaceInLine(const PlaceInLine&) = delete;
  PlaceInLine& operator=(const PlaceInLine&) = delete;
  PlaceInLine& operator=(PlaceInLine&& other) noexcept;

  std::int64_t group() const { return group_; }

  /// Looks who is ahead. Says to the others that this one is awake.
  bool at_head();
  /// Only says so.
  void come_back() const;
  /// Whether there is anybody of another process at all, passed over or not.
  bool anyone_before() const;
  bool anyone_behind() const;
  /// The one ahead does not take what lies there. If it may be stopped, or `in_any_case`, nobody waits for it from now
  /// on, until it comes back; false: it is only slow, or there are others ahead. Requires: not at the head.
  bool pass_over_ahead(bool in_any_case);

  /// Sleeps until the one ahead leaves the line, or for a while; who is next to the head notices its death. Requires:
  /// not at the head.
  Woken sleep(const Deadline& deadline, int interrupt);

 private:
  const LockFile* file_;
  std::int64_t group_;
  std::optional<std::int64_t> ticket_;
  std::optional<std::int64_t> ahead_;
  std::chrono::milliseconds patience_{0};  ///< of the last sleep
  std::unique_ptr<Doorbell> bell_;         ///< made for the first sleep
};

}  // namespace weir::sqlite
