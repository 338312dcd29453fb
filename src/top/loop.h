// `weir top`: handles keys, news and the clock until the user ends it.
#pragma once

#include <functional>

#include "top/app.h"
#include "top/lookout.h"
#include "top/screen.h"

namespace weir::top {

/// What the surrounding program provides for signals.
struct Outside {
  int stop = -1;    ///< a descriptor that becomes readable when the view is to end
  int change = -1;  ///< readable when the terminal's size has changed or the process is to be stopped (Ctrl-Z)
  /// Reads from `change`. True: the process is to be stopped.
  std::function<bool()> taken;
  /// Stops the process; returns when it is continued.
  std::function<void()> suspend;
};

/// Returns when the view is to end: because of a key, a signal, or a terminal that has vanished.
void run(Screen& screen, App& app, Lookout& lookout, const Outside& outside);

}  // namespace weir::top
