// Waits for many descriptors at once. The poller is itself a descriptor, readable while any of them is ready, so it can
// interrupt a store that waits for messages. epoll on Linux, kqueue elsewhere.
#pragma once

#include <chrono>
#include <vector>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::worker {

/// Owns its own descriptor, but none of those that it watches. Threads: one at a time.
class Poller {
 public:
  /// Fails with `Failure::store` if there are no descriptors left.
  static Result<Poller> make();

  int fd() const { return fd_.get(); }

  /// Watches `fd` (each at most once). Requires: `unwatch` before it is closed.
  /// False: the descriptor (a file) is always ready and cannot be watched.
  bool watch_reading(int fd) const;
  bool watch_writing(int fd) const;
  void unwatch(int fd) const;

  /// Appends the ready descriptors, after at most `timeout` (negative: no limit). On a signal it appends none.
  void wait(std::chrono::milliseconds timeout, std::vector<int>& ready) const;

 private:
  explicit Poller(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace weir::worker
