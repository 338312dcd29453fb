// Signals of a terminal that is drawn on: its size has changed, somebody pressed Ctrl-Z.
#pragma once

namespace weir::cli {

/// While it lives SIGWINCH and SIGTSTP are noted. A SIGTSTP that was ignored before stays ignored.
/// Requires: at most one at a time. In which thread a signal arrives does not matter.
class TerminalSignals {
 public:
  TerminalSignals();
  ~TerminalSignals();
  TerminalSignals(const TerminalSignals&) = delete;
  TerminalSignals& operator=(const TerminalSignals&) = delete;

  /// Readable when one has come.
  static int descriptor();
  /// Forgets what has come. True: the process is to be stopped.
  static bool take();
  /// Stops the process as SIGTSTP does, and returns when it goes on.
  static void stop();
};

}  // namespace weir::cli
