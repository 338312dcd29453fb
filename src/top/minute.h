// How much a counter has grown over the last minute.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "system/clock.h"

namespace weir::top {

/// A count that only grows; where it goes back (a stream was made anew) it stands still. Between two looks it is what
/// it was at the first of them. In memory: at most a sample for each second.
class Minute {
 public:
  void note(std::uint64_t count, SteadyTime at);

  /// A second, over the last minute, or since the first look; nothing: that is less than a second ago, or never was.
  std::optional<double> per_second(SteadyTime now) const;

 private:
  struct Sample {
    SteadyTime at;
    std::uint64_t grown;  ///< since the first look
  };
  std::deque<Sample> samples_;
  SteadyTime begun_;
  std::uint64_t last_ = 0;
};

}  // namespace weir::top
