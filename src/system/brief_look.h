// Looking again and again for a moment before going to sleep. What comes meanwhile is had without being woken, which
// takes longer than many an answer.
#pragma once

#include <algorithm>
#include <chrono>

namespace weir {

/// For one kind of thing that is waited for. The moment is wasted where nothing comes, above all where who is waited
/// for needs the same processor: so the more often it was in vain, the more rarely it is tried. The first wait has
/// none: who asks once is not asked again.
/// Threads: one at a time.
class BriefLook {
 public:
  /// Whether `look`, which says whether something is there, has found it. False: sleep.
  template <typename Look>
  bool finds(const Look& look) {
    if (left_out_ > 0) {
      --left_out_;
      return false;
    }
    if (look()) {
      return true;  // it was there already, which says nothing about the moment
    }
    const auto until = std::chrono::steady_clock::now() + kMoment;
    do {  // once at least, however long this process had to stand aside meanwhile
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
  int pause_ = 0;     ///< waits that are left out after the last one in vain
  int left_out_ = 1;  ///< of them, still to come
};

}  // namespace weir
