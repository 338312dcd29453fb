// Threads that take no signals.
#pragma once

#include <csignal>

namespace weir {

/// While it lives, this thread takes no signals, and those that it makes never do: they are for threads of the
/// program's own. (A handler that ran in one of these could outlast what it uses.)
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
