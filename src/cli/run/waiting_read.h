// What reads that may wait have in common, with a group and without.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "redis/wire/url.h"
#include "stream/store.h"

namespace weir::cli {

/// No more than MAXCOUNT says, which would be refused.
inline std::uint64_t default_count(const ReadLimit& limit, std::uint64_t count) {
  return std::min(count, limit.entries.value_or(count));
}

/// A read that may wait. If the streams are in a file, a signal that comes meanwhile lets it leave the file in order.
template <typename Request>
Result<StreamEntries> read_waiting(const Session& session, Store& store, const Request& request) {
  std::optional<StopSignals> stop;
  if (request.block && !redis::is_server(session.settings.database)) {
    stop.emplace();
  }
  return store.run(request);
}

}  // namespace weir::cli
