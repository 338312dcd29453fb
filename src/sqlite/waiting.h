// How a blocked read sleeps. See lock_file.h for what it sleeps on.
#pragma once

#include <atomic>
#include <optional>
#include <thread>

#include "sqlite/lock_file.h"
#include "util/clock.h"
#include "util/doorbell.h"

namespace weir {

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

/// A place in the line of a group, left with the object, however that ends.
class PlaceInLine {
 public:
  PlaceInLine(const LockFile& file, std::int64_t group);
  ~PlaceInLine();
  PlaceInLine(PlaceInLine&& other) noexcept;
  PlaceInLine(const PlaceInLine&) = delete;
  PlaceInLine& operator=(const PlaceInLine&) = delete;
  PlaceInLine& operator=(PlaceInLine&& other) noexcept;

  std::int64_t group() const { return group_; }
  bool at_head() const { return !file_->place_ahead(group_, ticket_); }

  /// Sleeps until the one ahead leaves the line or dies. A thread waits for its lock in the kernel.
  Woken sleep(const Deadline& deadline, int interrupt) const;

 private:
  const LockFile* file_;
  std::int64_t group_;
  std::int64_t ticket_;
};

}  // namespace weir
