// `weir top`: keys, news and the clock, until somebody ends it.
#pragma once

#include <functional>

#include "top/app.h"
#include "top/lookout.h"
#include "top/screen.h"

namespace weir::top {

/// What the program around it takes care of: signals.
struct Outside {
  int stop = -1;    ///< a descriptor that is readable when it is to end
  int change = -1;  ///< readable when the terminal has another size, or the process is to be stopped (Ctrl-Z)
  /// Reads what made `change` readable. True: the process is to be stopped.
  std::function<bool()> taken;
  /// Stops the process, and returns when it goes on.
  std::function<void()> suspend;
};

/// Returns when it is to end: because of a key, a signal, or because the terminal has gone.
void run(Screen& screen, App& app, Lookout& lookout, const Outside& outside);

}  // namespace weir::top
