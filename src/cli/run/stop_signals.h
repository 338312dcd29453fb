// Signals that end a wait for messages or for input, and then the process, but only after it has closed its database:
// the last process to leave a file makes it complete. At any other time a signal ends the process at once.
#pragma once

#include <atomic>
#include <csignal>
#include <string_view>

namespace weir::cli {

/// While the object exists, the first SIGTERM, SIGINT or SIGHUP is noted; a second one ends the process. A signal that
/// was ignored before (`nohup`, a background job) stays ignored; one that the parent process has blocked is let
/// through. Requires: at most one object at a time, which ends in the thread in which it began. A signal may arrive in
/// any thread.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  sigset_t blocked_before_{};
};

inline constexpr std::string_view kEraseLine = "\r\x1b[K";

/// While `on`, a signal that ends the process at once first erases the line of the terminal on standard error. A
/// StopSignals that begins or ends in another thread may undo this, so it has to be called again each time the line is
/// written.
void erase_line_at_end(bool on);

/// The signal that was noted; 0: none.
const std::atomic<int>& stop_signal();

/// Notes `signal` as if it had come: the process closes its database, and then ends by this signal.
void stop_by(int signal);

/// Readable once a signal has come. Requires: a StopSignals exists.
int stop_descriptor();

/// Waits until `fd` can be read. False: a signal came first.
bool wait_readable_or_stop(int fd);

/// Ends the process by the signal that was noted, if there is one. To be called at the end of main.
void end_by_stop_signal();

}  // namespace weir::cli
