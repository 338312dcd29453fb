// Waiting until something changes in a store.
#pragma once

#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// Implemented by a `Store` that notices what others change in it.
class Watching {
 public:
  virtual ~Watching() = default;

  /// From here on no change is missed: if one comes before the next `await_change`, that call ends at once. Call this
  /// before each look at the store.
  virtual Result<void> watch() = 0;
  /// Waits until somebody has changed anything, at most for `most`. False: the process was told to stop. Requires:
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
