// Writes times and ages for people.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "stream/id.h"
#include "stream/reply.h"

namespace weir::io {

/// The time in an ID; nothing if the ID clearly has no time: an ID may be any number, as 1-1.
std::optional<UnixMs> time_of(Id id);

/// One unit, rounded down: "<1s", "42s", "5m", "3h", "12d", "2y".
std::string age_text(std::chrono::milliseconds age);

/// The time until something happens: "in 42s"; "now" if no time is left.
std::string due_text(std::chrono::milliseconds left);

/// "15:50:30" on the day of `now`, else "2018-05-21 15:50:30". With `narrow`: "05-21 15:50", and "2018-05-21" in
/// another year.
std::string time_text(UnixMs time, UnixMs now, bool utc, bool narrow);

}  // namespace weir::io
