// How long work goes, for who waits for it at a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/run/session.h"

namespace weir::cli {

/// How far it is.
struct Progress {
  std::uint64_t count = 0;  ///< of messages
  std::uint64_t done = 0;   ///< of `whole`, in whatever it is measured
  std::uint64_t whole = 0;  ///< 0: nobody knows
};

/// "40000 messages, 20000/s, 40 %, 3.0s left": from `begin`, so long ago. Of work that cannot be measured: how long.
std::string progress_text(const Progress& begin, const Progress& now, std::chrono::duration<double> passed);

/// A line that is written over and over from the second second on, and is gone at the end, also where a signal ends the
/// process. It is there only where standard error is a terminal that takes escape sequences, the process is in its
/// foreground, and nothing is --quiet.
/// Threads: one. At most one at a time.
class ProgressLine {
 public:
  /// `what`: of what; text of anybody's. `alone`: nothing else is written on the terminal meanwhile; else there is no
  /// line.
  ProgressLine(const Session& session, const std::string& what, Progress begin, bool alone);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Looks at the clock, so not for each message.
  void show(const Progress& now) {
    if (on_) {
      show_if_due(now);
    }
  }
  /// Of work that cannot be measured.
  void show() { show({}); }
  /// Before something else is written to standard error.
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
