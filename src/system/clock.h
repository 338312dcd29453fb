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

/// A moment on the clock that cannot be set; for how long to wait.
using SteadyTime = std::chrono::steady_clock::time_point;

/// `wait` after `from`, or the last moment that the clock can tell if that comes first. Requires: `wait` is not
/// negative.
inline SteadyTime later(SteadyTime from, std::chrono::milliseconds wait) {
  // The clock counts nanoseconds: as such, a wait that milliseconds can hold may be too long.
  const auto room = std::chrono::floor<std::chrono::milliseconds>(SteadyTime::max() - from);
  return wait < room ? from + wait : SteadyTime::max();
}

/// A moment on the steady clock until which something may wait; without one it waits for ever.
class Deadline {
 public:
  Deadline() = default;
  static Deadline never() { return {}; }
  static Deadline after(std::chrono::milliseconds wait) {
    Deadline deadline;
    deadline.at_ = later(std::chrono::steady_clock::now(), wait);
    return deadline;
  }

  /// This one, or `other` if that comes first.
  Deadline or_at(SteadyTime other) const {
    Deadline deadline = *this;
    if (other != SteadyTime::max()) {
      deadline.at_ = std::min(at_.value_or(other), other);
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
  std::optional<SteadyTime> at_;
};

}  // namespace weir
