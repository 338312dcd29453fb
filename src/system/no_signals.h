// Threads that take no signals.
#pragma once

#include <csignal>

namespace weir {

/// While an object lives, this thread takes no signals, and the threads that it starts meanwhile never do: signals are
/// for the program's own threads. (A handler that ran in one of ours could outlive the objects that it uses.)
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace weir
