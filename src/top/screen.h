// The terminal. The only file that includes curses.
#pragma once

#include <memory>
#include <optional>

#include "stream/result.h"
#include "top/frame.h"
#include "top/key.h"

namespace weir::top {

/// While it lives the terminal is its own: standard input and output. Threads: one; one at a time in a process. It
/// catches no signal; curses does not either, if those that it knows have a handler (see `loop.h`).
class Screen {
 public:
  /// Fails with Failure::usage where standard input or output is no terminal, or one that cannot be drawn on.
  static Result<std::unique_ptr<Screen>> open(bool color);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// As the terminal has it now.
  Size size();
  void draw(const Frame& frame);
  /// What has been pressed, if anything has; does not wait.
  std::optional<Key> key();

  /// Gives the terminal back for a while, and takes it again.
  void leave();
  void come_back();

 private:
  struct Curses;
  explicit Screen(std::unique_ptr<Curses> curses);
  std::unique_ptr<Curses> curses_;
};

}  // namespace weir::top
