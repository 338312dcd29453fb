// Giving way to whoever was just answered.
//
// Who waits for an answer is woken by it, often for the same processor, where it cannot run before this process sleeps.
// If it runs at once its next question is there when this process looks, and neither has to be woken on another
// processor, which takes longer than many an answer. But a processor that is given away while others have work of their
// own comes back late, and later still for who gives it away often. So it is tried, and timed.
#pragma once

#include <algorithm>
#include <chrono>

namespace weir {

/// For somebody who answers questions one by one. Threads: one at a time.
class GiveWay {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether it pays to give the processor away (std::this_thread::yield) before the wait that begins now. To be asked
  /// before each.
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
  static constexpr int kWaits = 16;          ///< of a stretch, which is timed
  static constexpr int kGiving = 64;         ///< stretches until it is looked again how long one takes without
  static constexpr int kLongestPause = 256;  ///< stretches without, after some with that took longer
  bool giving_ = false;
  int waits_ = 0;      ///< of this stretch
  int stretches_ = 1;  ///< still to come until it is done the other way, this one included
  int pause_ = 1;
  Time began_;                                   ///< of this stretch
  std::chrono::steady_clock::duration usual_{};  ///< of the last stretch without
};

}  // namespace weir
