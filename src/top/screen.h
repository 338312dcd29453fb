// The terminal. No other file includes curses.
#pragma once

#include <memory>
#include <optional>

#include "stream/result.h"
#include "top/frame.h"
#include "top/key.h"

namespace weir::top {

/// While the object exists, the terminal (standard input and output) belongs to it. It catches no signal, and neither
/// does curses, if the signals known to curses have handlers (see `loop.h`). At most one object at a time in a process.
/// Threads: one.
class Screen {
 public:
  /// Fails with Failure::usage if standard input or output is no terminal, or one on which curses cannot draw.
  static Result<std::unique_ptr<Screen>> open(bool color);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// The terminal's present size.
  Size size();
  void draw(const Frame& frame);
  /// The key that was pressed, if any; does not wait.
  std::optional<Key> key();

  /// `leave` gives the terminal back for a while, and `come_back` takes it again.
  void leave();
  void come_back();

 private:
  struct Curses;
  explicit Screen(std::unique_ptr<Curses> curses);
  std::unique_ptr<Curses> curses_;
};

}  // namespace weir::top
