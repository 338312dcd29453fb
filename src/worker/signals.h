// The signals a worker lives by, turned into a descriptor that becomes readable.
#pragma once

#include "util/fd.h"
#include "util/result.h"

namespace weir {

/// While it lives: SIGCHLD, SIGTERM, SIGINT and SIGHUP are noted and do nothing else; SIGPIPE is ignored.
/// A SIGINT or SIGHUP that was ignored before (`nohup`, a background job) stays ignored.
/// Requires: at most one at a time, in a process with one thread.
class Signals {
 public:
  static Result<Signals> install();
  ~Signals();
  Signals(Signals&&) noexcept = default;

  /// Readable after a signal, until `take`.
  int fd() const { return read_.get(); }

  struct Taken {
    bool child = false;  ///< some child ended
    int stops = 0;       ///< how often the worker was told to stop
    int last_stop = 0;   ///< by which signal
  };
  /// What has come since the last call.
  Taken take() const;

 private:
  Signals(Fd read, Fd write) : read_(std::move(read)), write_(std::move(write)) {}
  Fd read_;
  Fd write_;
};

/// In a child, before exec: gives all of these their default meaning again (async-signal-safe).
void restore_default_signals();

}  // namespace weir
