// What a worker tells of itself: to somebody who watches, or to a log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "stream/reply.h"
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

/// Why there may be nothing to do in a stream.
struct AtFirst {
  std::optional<Pause> pause;  ///< of the group
  bool untouched = false;      ///< nothing was ever added: its name may be a typo
};

/// What is in the streams, as far as is known, but for what runs here.
struct InStreams {
  std::uint64_t waiting = 0;
  std::uint64_t held = 0;            ///< of those, by other consumers
  std::optional<Millis> taken_over;  ///< the first of these, after so long: its worker seems to be gone
  bool paused = false;               ///< the group, in all of them
};

/// What is on its way.
struct UnderWay {
  std::size_t running = 0;
  std::optional<InStreams> in_streams;
};

/// The lines, without their newlines. Threads: one. Nothing here writes.
class News {
 public:
  explicit News(const WorkOptions& options) : options_(options) {}

  Tally tally;

  /// Who works on what, and what ends it. `at_first`: of each stream.
  std::string beginning(std::span<const AtFirst> at_first) const;
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
