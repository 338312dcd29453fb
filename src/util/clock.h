// The two clocks: one for what is written down, one for how long to wait.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace weir {

/// Unix milliseconds of the wall clock, which may step back.
inline std::chrono::milliseconds unix_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

/// A moment on the steady clock until which something may wait; without one it waits for ever.
class Deadline {
 public:
  Deadline() = default;
  static Deadline never() { return {}; }
  static Deadline after(std::chrono::milliseconds wait) {
    const auto now = std::chrono::steady_clock::now();
    const auto room = std::chrono::steady_clock::time_point::max() - now;
    Deadline deadline;
    if (wait < room) {
      deadline.at_ = now + wait;
    }
    return deadline;
  }

  bool passed() const { return at_ && std::chrono::steady_clock::now() >= *at_; }

  /// What is left of it, but not more than `most`; rounded up, so that a wait does not end too early.
  std::chrono::milliseconds left(std::chrono::milliseconds most) const {
    if (!at_) {
      return most;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*at_ - std::chrono::steady_clock::now());
    return std::clamp(left, std::chrono::milliseconds(0), most);
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> at_;
};

}  // namespace weir
