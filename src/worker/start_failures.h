// Commands that cannot be started because processes, open files or memory have run out: people get one line when the
// trouble begins and one when it is over, however many messages are tried meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "system/clock.h"

namespace weir::worker {

/// Counts failed starts. The caller reports each attempt and its time.
class StartFailures {
 public:
  /// A command could not be started beside `running` others. Returns the line to tell, if there is one.
  std::optional<std::string> failed(const std::string& reason, std::size_t running, SteadyTime now);

  /// A command was started; `running` includes it. The trouble is over if more commands run than at a failed start
  /// (while processes are short, each command that ends makes room for one), or if no start has failed for a while.
  std::optional<std::string> started(std::size_t running, SteadyTime now);

 private:
  std::uint64_t count_ = 0;  ///< since the trouble began; 0: no trouble
  std::size_t most_beside_ = 0;
  SteadyTime last_{};
};

}  // namespace weir::worker
