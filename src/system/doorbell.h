// Wakes processes that wait for each other at a file. One implementation for each system, chosen by the build:
// doorbell_futex.cc (Linux), doorbell_kqueue.cc (macOS, BSD), doorbell_none.cc (others).
//
// Linux could tell of writes by inotify, but closing such a watch waits 8 to 20 ms for the kernel, at every exit of
// a process that has waited; and a user has only 128 of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

namespace weir {

/// Threads: one at a time. What fails leaves a bell that is never heard: then those who wait find out by looking. To
/// make one takes memory, to ring it none.
class Doorbell {
 public:
  enum class Heard {
    ring,         ///< it rang, or may have
    nothing,      ///< the time is over
    interrupted,  ///< the interrupting descriptor is readable
  };

  /// `fd` is the file, open for reading and writing; it must outlive the bell. `offset`, a multiple of 4 below 4096,
  /// is where in the file the rings are counted: bells at different places are different bells.
  explicit Doorbell(int fd, std::size_t offset = 0);
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  /// Wakes everybody who waits at this bell, in whatever process. False: it is known that nobody was asleep.
  bool ring() noexcept;
  /// Wakes who has waited longest; where the system cannot do that, everybody.
  bool ring_for_one() noexcept;
  /// As `ring`, at a bell of which the caller has none.
  static bool ring_at(int fd, std::size_t offset) noexcept;

  /// From here on a ring is not missed: the next `wait` ends at once if there was one in between.
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
