// Shows the progress of a command to a person who waits at a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/run/session.h"

namespace weir::cli {

/// How far the work has come.
struct Progress {
  std::uint64_t count = 0;  ///< number of messages
  std::uint64_t done = 0;   ///< how much of `whole`, in any unit
  std::uint64_t whole = 0;  ///< 0: unknown
};

/// "40000 messages, 20000/s, 40 %, 3.0s left": the progress since `begin`, in the time `passed`. If the work cannot be
/// measured, only the time.
std::string progress_text(const Progress& begin, const Progress& now, std::chrono::duration<double> passed);

/// A line that is rewritten from the second second on, and erased at the end, even if a signal ends the process. Shown
/// only if standard error is a terminal that takes escape sequences, the process is in the foreground, and there is no
/// --quiet. At most one object at a time. Threads: one.
class ProgressLine {
 public:
  /// `what`: the object of the work; any text. `alone`: nobody else writes to the terminal meanwhile; if false, no line
  /// is shown.
  ProgressLine(const Session& session, const std::string& what, Progress begin, bool alone);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Looks at the clock, so it should not be called for each message.
  void show(const Progress& now) {
    if (on_) {
      show_if_due(now);
    }
  }
  /// For work that cannot be measured.
  void show() { show({}); }
  /// To be called before anything else is written to standard error.
  void erase();

 private:
  using Clock = std::chrono::steady_clock;
  void show_if_due(const Progress& now);

  std::string what_;
  Progress begin_;
  bool on_;
  bool shown_ = false;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point next_;
};

}  // namespace weir::cli
