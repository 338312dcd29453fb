// Giving the processor to the process that was just answered.
//
// An answer wakes the process that waits for it, often on this same processor, where it cannot run before this process
// sleeps. If it runs at once, its next question is there when this process looks again, and neither process has to be
// woken on another processor, which often takes longer than the answer itself. But if others have work of their own, a
// processor that is given away comes back late, and later still for a process that gives it away often. So giving way
// is tried, and timed.
#pragma once

#include <algorithm>
#include <chrono>

namespace weir {

/// For a process that answers questions one by one. Threads: one at a time.
class GiveWay {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether it pays to give the processor away (std::this_thread::yield) before the wait that begins now. Call this
  /// before each wait.
  bool pays(Time now) {
    ++waits_;
    const bool late = giving_ && now - began_ > usual_ + usual_ / 4;
    if (waits_ <= kWaits && !late) {
      began_ = waits_ == 1 ? now : began_;
      return giving_;
    }
    if (!giving_) {
      usual_ = now - began_;
    }
    pause_ = late ? std::min(2 * pause_, kLongestPause) : giving_ ? 1 : pause_;
    if (late || --stretches_ == 0) {
      giving_ = !giving_;
      stretches_ = giving_ ? kGiving : late ? pause_ : 1;
    }
    waits_ = 1;
    began_ = now;
    return giving_;
  }

 private:
  static constexpr int kWaits = 16;          ///< how many waits make a stretch, which is timed
  static constexpr int kGiving = 64;         ///< stretches with giving way until one without is timed again
  static constexpr int kLongestPause = 256;  ///< stretches without giving way, after giving way took longer
  bool giving_ = false;
  int waits_ = 0;      ///< so far in this stretch
  int stretches_ = 1;  ///< stretches left until the way changes, this one included
  int pause_ = 1;
  Time began_;                                   ///< when this stretch began
  std::chrono::steady_clock::duration usual_{};  ///< how long the last stretch without giving way took
};

}  // namespace weir
