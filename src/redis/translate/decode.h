// Turns a server's replies into types; the counterpart of encode.h. `values` are the replies to the commands of
// `encode`.
#pragma once

#include <concepts>
#include <span>

#include "redis/wire/value.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir::redis {

using Values = std::span<const Value>;

/// The first refusal among `values`, as an error.
Result<void> check(Values values);

/// A reply that is a number or +OK. Fails as `check` does.
Result<Count> decode_count(Values values);
Result<Ok> decode_ok(Values values);
template <typename R>
requires std::same_as<typename R::Reply, Count> Result<Count> decode(const R& /*request*/, Values values) {
  return decode_count(values);
}
template <typename R>
requires std::same_as<typename R::Reply, Ok> Result<Ok> decode(const R& /*request*/, Values values) {
  return decode_ok(values);
}

/// One outcome for each of `ids` IDs.
Result<Outcomes> decode_outcomes(Values values, std::size_t ids);
template <typename R>
requires std::same_as<typename R::Reply, Outcomes> Result<Outcomes> decode(const R& request, Values values) {
  return decode_outcomes(values, request.ids.size());
}

/// Each of these fails as `check` does. The owner of `values` finds out whether a reply had an unexpected shape.
Result<MaybeId> decode(const Xadd& request, Values values);
Result<Entries> decode(const Xrange& request, Values values);
Result<StreamEntries> decode(const Xread& request, Values values);
Result<StreamEntries> decode(const Xreadgroup& request, Values values);
Result<Ok> decode(const XgroupCreate& request, Values values);
Result<PendingSummary> decode(const XpendingSummary& request, Values values);
Result<PendingEntries> decode(const Xpending& request, Values values);
Result<Claimed> decode(const Xclaim& request, Values values);
Result<AutoClaimed> decode(const Xautoclaim& request, Values values);
Result<StreamInfo> decode(const XinfoStream& request, Values values);
Result<StreamDetails> decode(const XinfoStreamFull& request, Values values);
Result<GroupInfos> decode(const XinfoGroups& request, Values values);
Result<ConsumerInfos> decode(const XinfoConsumers& request, Values values);
Result<Status> decode(const Type& request, Values values);
Result<Names> decode(const Keys& request, Values values);

/// `[[stream, [entry, …]], …]`, or nil.
StreamEntries stream_entries(Value value);

}  // namespace weir::redis
