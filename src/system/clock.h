// The two clocks: the wall clock for times that are stored, the steady clock for waits.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace weir {

/// Unix milliseconds of the wall clock, which may step back.
inline std::chrono::milliseconds unix_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

/// A moment on the steady clock, which nobody can set: waits are measured by it.
using SteadyTime = std::chrono::steady_clock::time_point;

/// The moment `wait` after `from`, but at most the last moment that the clock can tell. Requires: `wait` is not
/// negative.
inline SteadyTime later(SteadyTime from, std::chrono::milliseconds wait) {
  // The clock counts nanoseconds: a wait that fits into milliseconds may be too long for it.
  const auto room = std::chrono::floor<std::chrono::milliseconds>(SteadyTime::max() - from);
  return wait < room ? from + wait : SteadyTime::max();
}

/// The moment on the steady clock at which a wait ends; without a moment the wait is endless.
class Deadline {
 public:
  Deadline() = default;
  static Deadline never() { return {}; }
  static Deadline after(std::chrono::milliseconds wait) {
    Deadline deadline;
    deadline.at_ = later(std::chrono::steady_clock::now(), wait);
    return deadline;
  }

  /// This deadline, or `other` if that comes first.
  Deadline or_at(SteadyTime other) const {
    Deadline deadline = *this;
    if (other != SteadyTime::max()) {
      deadline.at_ = std::min(at_.value_or(other), other);
    }
    return deadline;
  }

  bool passed() const { return at_ && std::chrono::steady_clock::now() >= *at_; }

  /// The time that is left until the deadline, at most `most`. Rounded up, so that a wait does not end too early.
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
