// Finds out whether messages wait and nothing moves.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "report/queued.h"

namespace weir::report {

/// The default for `after`.
inline constexpr Millis kStuckAfter = std::chrono::minutes(10);

/// Why a stream is stuck, in a line that begins with the group's name; nothing: it is not stuck. A stream is stuck if
/// one of its groups
///
///   - is paused, and messages wait for it;
///   - has had waiting messages for `after`, and no consumer has asked for so long, or there is none now;
///   - holds a message that its consumer has not touched for `after`.
///
/// A stream without groups is a log, which cannot be stuck. Requires: depth `held`, `oldest` and `activity`.
std::optional<std::string> why_stuck(const StreamQueue& stream, Millis after, UnixMs now);

}  // namespace weir::report
