// Waits for many descriptors at once, and is itself one descriptor that is readable while any of them is ready:
// a store that waits for messages can be interrupted by it. epoll on Linux, kqueue elsewhere.
#pragma once

#include <chrono>
#include <vector>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::worker {

/// Threads: one at a time. It owns its own descriptor, and none of those that it watches.
class Poller {
 public:
  /// Fails with `Failure::store` where there are no more descriptors.
  static Result<Poller> make();

  int fd() const { return fd_.get(); }

  /// Watches `fd` (each at most once). Requires: `unwatch` before it is closed.
  /// False: such a descriptor (a file) is always ready and cannot be watched.
  bool watch_reading(int fd) const;
  bool watch_writing(int fd) const;
  void unwatch(int fd) const;

  /// Appends the descriptors that are ready, after at most `timeout` (negative: no limit); none on a signal.
  void wait(std::chrono::milliseconds timeout, std::vector<int>& ready) const;

 private:
  explicit Poller(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace weir::worker
