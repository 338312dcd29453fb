// Where a server keeps entries that nobody holds: before XNACK it has no place for such entries, nor for a due time.
//
// Such entries are given to a consumer named `weir.retry/MS` or `weir.retry/MS/LATERS`, with a delivery time that makes
// them due when their idle time reaches MS. So the list of pending entries itself holds the wait, and no more memory is
// needed. (A delivery time in the future would be simpler, but no server takes one.) MS is only a little more than the
// wait, so that a foreign client that claims entries idle for longer than that does not come too early.
//
// An entry that waits for another message (see scripts/terms/serial.lua) has the longest MS possible, so it is never
// due.
//
// weir 0.1.0 had one consumer, `weir.retry`, and did not say what MS was.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/request.h"

namespace weir::redis {

inline constexpr std::string_view kRetryConsumer = "weir.retry";

/// MS for a wait: whole seconds stay as they are; other waits are rounded up to one of eight values for each power of
/// two, so that there are few such consumers.
Millis retry_horizon(Millis wait);
/// `laters`: how often the entry was given back for later. The number is part of the name, and forgotten once the entry
/// is taken.
std::string retry_consumer(Millis horizon, std::uint64_t laters);

/// Whether a consumer of that name stands for entries that nobody holds.
bool is_retry_consumer(std::string_view name);

/// What an entry of such a consumer waits for, computed from its idle time. If MS is rounded, the entry has waited at
/// least that long. Nothing: the consumer is a real one.
std::optional<Released> released_by(std::string_view consumer, Millis idle);
std::uint64_t laters_of(std::string_view consumer);

}  // namespace weir::redis
