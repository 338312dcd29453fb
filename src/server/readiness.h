// Tells which of many descriptors can be read or written. There is one implementation for each system.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::server {

/// Threads: one at a time. The object owns none of the descriptors that it watches.
class Readiness {
 public:
  struct Event {
    std::uint64_t token = 0;
    bool readable = false;
    bool hung_up = false;  ///< nothing can be sent any more, and nothing more will come
  };

  static Result<Readiness> make();

  bool add(int fd, std::uint64_t token, bool read, bool write) const;
  void change(int fd, std::uint64_t token, bool read, bool write) const;
  void remove(int fd) const;

  /// Returns after at most `timeout` (negative: no limit), or after a signal. The events are valid until the next call.
  const std::vector<Event>& wait(std::chrono::milliseconds timeout);

 private:
  explicit Readiness(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  std::vector<Event> events_;
};

}  // namespace weir::server
