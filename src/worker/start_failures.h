// Commands that cannot be started, for lack of processes, open files or memory: one line when it begins, and one when
// it is over, however many messages are tried meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "system/clock.h"

namespace weir::worker {

/// Counts them; it is told of each attempt, and asks no clock.
class StartFailures {
 public:
  /// A command could not be started beside `running` others. The line to tell, if there is one.
  std::optional<std::string> failed(const std::string& reason, std::size_t running, SteadyTime now);

  /// One was, and with it `running` run. It is over when more run than did when one failed (with too few processes for
  /// all jobs, those that end make room for some), or when none has failed for a while.
  std::optional<std::string> started(std::size_t running, SteadyTime now);

 private:
  std::uint64_t count_ = 0;  ///< since it began; 0: it is over
  std::size_t most_beside_ = 0;
  SteadyTime last_{};
};

}  // namespace weir::worker
