// Whether something waits and nothing moves.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "report/queued.h"

namespace weir::report {

/// What is long enough, if nobody says otherwise.
inline constexpr Millis kStuckAfter = std::chrono::minutes(10);

/// Why a stream is stuck, in a line that begins with the group's name; nothing: it is not. It is if one of its groups
///
///   - is paused, and has something to be given;
///   - has had something to be given for `after`, and no consumer has asked for as long, or it has none now;
///   - holds something that its consumer has not touched for `after`.
///
/// A stream without a group is a log: nobody is late. Requires: depth `held`, `oldest` and `activity`.
std::optional<std::string> why_stuck(const StreamQueue& stream, Millis after, UnixMs now);

}  // namespace weir::report
