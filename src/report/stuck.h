// Finds out whether messages wait and nothing moves.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "report/queued.h"

namespace weir::report {

/// The default for `after`.
inline constexpr Millis kStuckAfter = std::chrono::minutes(10);

/// Why a group is stuck, in a line; nothing: it is not stuck. A group is stuck if it
///
///   - is paused, and messages wait for it;
///   - has had waiting messages for `after`, and no consumer has asked for so long, or there is none now;
///   - holds a message that its consumer has not touched for `after`.
///
/// Requires: depth `held`, `oldest` and `activity`.
std::optional<std::string> why_stuck(const GroupQueue& group, Millis after, UnixMs now);

/// Why a stream is stuck: the name of a group that is stuck, and why; then how many more are. Somebody has paused a
/// paused group, so one that is not paused is named first. A stream without groups is a log, which cannot be stuck.
/// Requires: as above.
std::optional<std::string> why_stuck(const StreamQueue& stream, Millis after, UnixMs now);

}  // namespace weir::report
