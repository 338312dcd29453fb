// Wakes processes that wait for each other at a file. One implementation for each system, chosen by the build:
// doorbell_futex.cc (Linux), doorbell_kqueue.cc (macOS, BSD), doorbell_none.cc (others).
//
// On Linux, inotify could report writes, but closing a watch waits 8 to 20 ms for the kernel, whenever a process that
// has waited exits; and a user may have only 128 watches.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

namespace weir {

/// Threads: one at a time. If something fails, the bell is never heard, and the waiting processes find out by looking.
/// Making a bell takes memory, ringing it none.
class Doorbell {
 public:
  enum class Heard {
    ring,         ///< the bell rang, or may have
    nothing,      ///< the time is over
    interrupted,  ///< the interrupting descriptor is readable
  };

  /// `fd` is the file, open for reading and writing; it must outlive the bell. `offset`, a multiple of 4 below 4096,
  /// is where in the file the rings are counted: bells at different places are different bells.
  explicit Doorbell(int fd, std::size_t offset = 0);
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  /// Wakes all who wait at this bell, in all processes. False: certainly nobody was asleep.
  bool ring() noexcept;
  /// Wakes the one that has waited longest; where the system cannot do that, wakes all.
  bool ring_for_one() noexcept;
  /// As `ring`, without a Doorbell object.
  static bool ring_at(int fd, std::size_t offset) noexcept;

  /// From here on no ring is missed: if the bell rings before the next `wait`, that call ends at once.
  void listen();

  /// Sleeps until a ring, or until `interrupt` (a descriptor, or -1) is readable. Requires: listen().
  Heard wait(std::chrono::milliseconds time, int interrupt);

  /// Whether rings can be heard at all.
  bool works() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
