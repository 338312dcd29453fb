// What a worker tells of itself: to somebody who watches, or to a log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "system/clock.h"
#include "worker/options.h"

namespace weir::worker {

/// How messages ended so far, each run counted.
struct Tally {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;  ///< to be delivered again
  std::uint64_t later = 0;
  std::uint64_t dead = 0;
  std::uint64_t killed = 0;  ///< as the worker was told to end; given back, to be delivered again at once
};

/// What is on its way.
struct UnderWay {
  std::size_t running = 0;
  std::optional<std::uint64_t> waiting;  ///< in the streams, as far as is known
};

/// The lines, without their newlines. Threads: one. Nothing here writes.
class News {
 public:
  explicit News(const WorkOptions& options) : options_(options) {}

  Tally tally;

  /// Who works on what, and what ends it.
  std::string beginning() const;
  /// How it goes, for a terminal; at most so many columns.
  std::string progress(const UnderWay& under_way, std::size_t columns) const;
  /// What the first signal to stop does.
  std::string stopping(std::size_t running) const;
  std::string summary() const;

 private:
  const WorkOptions& options_;
  SteadyTime begun_ = std::chrono::steady_clock::now();
};

}  // namespace weir::worker
