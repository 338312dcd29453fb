// Looks again and again for a moment before the thread goes to sleep. If the awaited thing comes in that moment, the
// thread need not be woken, which often takes longer than getting an answer.
#pragma once

#include <algorithm>
#include <chrono>

namespace weir {

/// One object serves one kind of wait. The moment is wasted if nothing comes, above all if the process that is waited
/// for needs the same processor. So the more often the looks were in vain, the more rarely they are tried. The first
/// wait has none, since many processes wait only once.
/// Threads: one at a time.
class BriefLook {
 public:
  /// Calls `look` until it returns true, for a moment at most. False: the caller should sleep.
  template <typename Look>
  bool finds(const Look& look) {
    if (left_out_ > 0) {
      --left_out_;
      return false;
    }
    if (look()) {
      return true;  // found without waiting: this says nothing about the moment
    }
    const auto until = std::chrono::steady_clock::now() + kMoment;
    do {  // looks at least once, however long the system has kept this process from running
      if (look()) {
        pause_ = 0;
        return true;
      }
    } while (std::chrono::steady_clock::now() < until);
    pause_ = std::min(2 * pause_ + 1, kLongestPause);
    left_out_ = pause_;
    return false;
  }

 private:
  static constexpr std::chrono::microseconds kMoment{60};
  static constexpr int kLongestPause = 255;
  int pause_ = 0;     ///< how many waits were left out after the last look in vain
  int left_out_ = 1;  ///< how many of those are still to come
};

}  // namespace weir
