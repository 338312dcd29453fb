// Waiting until something changes in a store.
#pragma once

#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// What a `Store` is besides, if it notices what others change in it.
class Watching {
 public:
  virtual ~Watching() = default;

  /// From here on no change is missed: the next `await_change` ends at once if there was one in between. To be called
  /// before each look.
  virtual Result<void> watch() = 0;
  /// Waits until somebody has changed anything, at most so long. False: the process was told to stop. Requires:
  /// `watch`.
  virtual Result<bool> await_change(Millis most) = 0;

 protected:
  Watching() = default;
  Watching(const Watching&) = default;
  Watching(Watching&&) = default;
  Watching& operator=(const Watching&) = default;
  Watching& operator=(Watching&&) = default;
};

}  // namespace weir
