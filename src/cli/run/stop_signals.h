// Signals that end a wait for messages or for input, and with it the process, but only after it has left its database:
// who leaves last makes the file complete. Anywhere else a signal ends the process at once.
#pragma once

#include <atomic>
#include <string_view>

namespace weir::cli {

/// While it lives the first SIGTERM, SIGINT or SIGHUP is noted; a second one ends the process. One that was ignored
/// before (`nohup`, a background job) stays ignored.
/// Requires: at most one at a time. In which thread a signal arrives does not matter.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
};

inline constexpr std::string_view kEraseLine = "\r\x1b[K";

/// From now on (`on`), or no longer, a signal that ends the process at once first erases the line of the terminal that
/// standard error is. A StopSignals that comes or goes in another thread may undo it: whoever writes the line again
/// says it again.
void erase_line_at_end(bool on);

/// The signal that was noted; 0: none.
const std::atomic<int>& stop_signal();

/// Notes `signal` as if it had come: the process leaves its database, and ends by it.
void stop_by(int signal);

/// Readable once a signal has come. Requires: a StopSignals lives.
int stop_descriptor();

/// Waits until `fd` can be read. False: a signal came first.
bool wait_readable_or_stop(int fd);

/// Ends the process by the signal that was noted, if there is one. For the end of main.
void end_by_stop_signal();

}  // namespace weir::cli
