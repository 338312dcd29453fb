// How much a counter has grown over the last minute.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "system/clock.h"

namespace weir::top {

/// A count that only grows; if it goes back (because a stream was made anew), it counts as unchanged. Between two
/// looks, the count is that of the earlier look. Keeps at most one sample for each second.
class Minute {
 public:
  void note(std::uint64_t count, SteadyTime at);

  /// The average per second over the last minute, or since the first look. Nothing: there was no look, or less than a
  /// second has passed since.
  std::optional<double> per_second(SteadyTime now) const;

 private:
  struct Sample {
    SteadyTime at;
    std::uint64_t grown;  ///< growth since the first look
  };
  std::deque<Sample> samples_;
  SteadyTime begun_;
  std::uint64_t last_ = 0;
};

}  // namespace weir::top
