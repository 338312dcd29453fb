// What is queued: the figures behind `ls`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/table/table_grid.h"
#include "stream/delaying.h"
#include "stream/store.h"

namespace weir::cli {

struct StreamOverview {
  std::string name;
  std::uint64_t length = 0;
  Id last_id;
  std::uint64_t groups = 0;
  /// Of all groups together; nothing if there is no group, or if one does not know its lag.
  std::optional<std::uint64_t> lag;
  std::uint64_t known_lag = 0;  ///< of those groups that know theirs
  std::uint64_t pending = 0;
  std::uint64_t released = 0;                         ///< how many of `pending` nobody holds
  std::optional<std::chrono::milliseconds> next_due;  ///< until the first of them is due
  std::optional<PendingEntry> oldest_pending;  ///< of the groups' lowest held entries the one that is longest idle
  /// The group that is furthest behind, and the oldest message that it has not been given or has not acknowledged; only
  /// where the size was asked for.
  struct Behind {
    std::string group;
    Id id;
  };
  std::optional<Behind> behind;
  std::vector<std::string> paused;    ///< groups
  DelayedCount delayed;               ///< what is still to be appended
  std::optional<std::uint64_t> size;  ///< bytes, where it was asked for
};

/// Nothing if there is no such stream (any more).
Result<std::optional<StreamOverview>> overview_of(Store& store, const std::string& stream, bool with_size);

/// One JSON object and a newline.
void write_overview_line(std::string& out, const StreamOverview& stream);

void write_overview_table(std::string& out, const std::vector<StreamOverview>& streams, const io::TableStyle& style);

}  // namespace weir::cli
