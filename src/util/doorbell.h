// Notices that somebody wrote to a file. One implementation for each system, chosen by the build:
// doorbell_inotify.cc (Linux), doorbell_kqueue.cc (macOS, BSD), doorbell_none.cc (others).
#pragma once

#include "util/fd.h"

namespace weir {

/// Watches one file from construction on: no write after it is missed.
/// Threads: one at a time. Allocates one descriptor, closed on exec.
class Doorbell {
 public:
  /// `fd` is the file, open for reading; `path` names the same file. Both are used only during the call
  /// on Linux; elsewhere `fd` must outlive the bell.
  Doorbell(int fd, const char* path);

  /// Readable (for poll) after a write to the file; -1 if the system cannot tell, or has no watch left:
  /// then the caller has to look from time to time.
  int poll_fd() const { return fd_.get(); }

  /// Makes `poll_fd` unreadable until the next write.
  void clear();

 private:
  Fd fd_;
};

}  // namespace weir
