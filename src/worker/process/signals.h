// Turns the signals that concern a worker into a descriptor that becomes readable.
#pragma once

#include "stream/result.h"
#include "system/fd.h"

namespace weir::worker {

/// While the object exists, SIGCHLD, SIGTERM, SIGINT and SIGHUP are only noted, even if the parent process had blocked
/// them; SIGPIPE is ignored. A SIGINT or SIGHUP that was ignored before (`nohup`, a background job) stays ignored.
/// Requires: at most one object at a time. Threads: one, plus the threads of a blocked read of the store; any of them
/// may receive a signal.
class Signals {
 public:
  static Result<Signals> install();
  ~Signals();
  Signals(Signals&&) noexcept = default;

  /// Readable after a signal, until `take` is called.
  int fd() const { return read_.get(); }

  struct Taken {
    int stops = 0;      ///< how often the worker was told to stop
    int last_stop = 0;  ///< the last signal that did so
  };
  /// The signals since the last call. Ended children are not reported here: `waitid` knows them.
  Taken take() const;

 private:
  Signals(Fd read, Fd write) : read_(std::move(read)), write_(std::move(write)) {}
  Fd read_;
  Fd write_;
};

/// To be called in a child before exec: gives every signal its default meaning, and unblocks all (async-signal-safe).
/// Requires: all signals are blocked.
void restore_default_signals();

}  // namespace weir::worker
