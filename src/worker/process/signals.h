// The signals a worker lives by, turned into a descriptor that becomes readable.
#pragma once

#include "stream/result.h"
#include "system/fd.h"

namespace weir::worker {

/// While it lives: SIGCHLD, SIGTERM, SIGINT and SIGHUP are noted and do nothing else, even if whoever started this
/// process had blocked them; SIGPIPE is ignored.
/// A SIGINT or SIGHUP that was ignored before (`nohup`, a background job) stays ignored.
/// Requires: at most one at a time. Threads: one, beside those that a blocked read of the store has while it waits; in
/// which of them a signal arrives does not matter.
class Signals {
 public:
  static Result<Signals> install();
  ~Signals();
  Signals(Signals&&) noexcept = default;

  /// Readable after a signal, until `take`.
  int fd() const { return read_.get(); }

  struct Taken {
    int stops = 0;      ///< how often the worker was told to stop
    int last_stop = 0;  ///< by which signal
  };
  /// What has come since the last call. That a child has ended is not told: `waitid` knows which.
  Taken take() const;

 private:
  Signals(Fd read, Fd write) : read_(std::move(read)), write_(std::move(write)) {}
  Fd read_;
  Fd write_;
};

/// In a child, before exec: gives every signal its default meaning, and blocks none (async-signal-safe). Requires: all
/// are blocked.
void restore_default_signals();

}  // namespace weir::worker
