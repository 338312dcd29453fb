// Signals for a program that draws on a terminal: the size has changed, or somebody pressed Ctrl-Z.
#pragma once

namespace weir::cli {

/// While the object exists, SIGWINCH and SIGTSTP are noted. A SIGTSTP that was ignored before stays ignored. Requires:
/// at most one object at a time. A signal may arrive in any thread.
class TerminalSignals {
 public:
  TerminalSignals();
  ~TerminalSignals();
  TerminalSignals(const TerminalSignals&) = delete;
  TerminalSignals& operator=(const TerminalSignals&) = delete;

  /// Readable once a signal has come.
  static int descriptor();
  /// Forgets the signals that have come. True: the process is to be stopped.
  static bool take();
  /// Stops the process as SIGTSTP does; returns when the process is continued.
  static void stop();
};

}  // namespace weir::cli
