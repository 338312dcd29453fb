// What a worker tells about itself, to a person who watches or to a log.
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

/// How messages have ended so far. Each run counts.
struct Tally {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;  ///< failed runs, whose messages are to be delivered again
  std::uint64_t later = 0;
  std::uint64_t dead = 0;
  std::uint64_t killed = 0;  ///< runs killed because the worker was to end; their messages are given back
};

/// Why there may be nothing to do in a stream.
struct AtFirst {
  std::optional<Pause> pause;  ///< of the group
  bool untouched = false;      ///< nothing was ever added: its name may be a typo
};

/// What is in the streams as far as is known, without the messages of this worker's running commands.
struct InStreams {
  std::uint64_t waiting = 0;
  std::uint64_t held = 0;            ///< how many of them other consumers hold
  std::optional<Millis> taken_over;  ///< when the first held message may be taken over, as its worker seems to be gone
  bool paused = false;               ///< the group is paused in all streams
};

/// What is under way.
struct UnderWay {
  std::size_t running = 0;
  std::optional<InStreams> in_streams;
};

/// Makes the lines, without newlines; writes nothing. Threads: one.
class News {
 public:
  explicit News(const WorkOptions& options) : options_(options) {}

  Tally tally;

  /// Which worker works on what, and what ends it. `at_first`: one for each stream.
  std::string beginning(std::span<const AtFirst> at_first) const;
  /// The progress, for a terminal; at most `columns` columns.
  std::string progress(const UnderWay& under_way, std::size_t columns) const;
  /// What the first signal to stop will do.
  std::string stopping(std::size_t running) const;
  std::string summary() const;

 private:
  const WorkOptions& options_;
  SteadyTime begun_ = std::chrono::steady_clock::now();
};

}  // namespace weir::worker
