// Where a server keeps entries that nobody holds: it has no place for them before XNACK, and none for a due time.
//
// They are given to a consumer named `weir.retry/MS` or `weir.retry/MS/LATERS`, with a delivery time such that they are
// due when their idle time reaches MS. So the wait is in the list of pending entries itself and needs no memory. (A
// delivery time in the future would be simpler, but no server takes one.) MS is little more than the wait, so that a
// client that is not weir, and claims what has been idle for longer than that, does not come too early.
//
// What waits for another message (see scripts/terms/serial.lua) has the longest MS there is: it is never due.
//
// weir 0.1.0 had one consumer, `weir.retry`, and did not say what MS was.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/request.h"

namespace weir::redis {

inline constexpr std::string_view kRetryConsumer = "weir.retry";

/// MS for a wait: whole seconds as they are, others rounded up to one of eight values for each power of two, so that
/// there are few such consumers.
Millis retry_horizon(Millis wait);
/// `laters`: how often it was given back for later; it is part of the name, and forgotten when it is taken.
std::string retry_consumer(Millis horizon, std::uint64_t laters);

/// Whether a consumer of that name stands for nobody.
bool is_retry_consumer(std::string_view name);

/// What an entry of such a consumer waits for, from its idle time. Where MS is rounded, it has waited at least that
/// long. Nothing: the consumer is a real one.
std::optional<Released> released_by(std::string_view consumer, Millis idle);
std::uint64_t laters_of(std::string_view consumer);

}  // namespace weir::redis
