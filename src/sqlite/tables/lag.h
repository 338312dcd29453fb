// How far a group has read: `entries_read` and lag, as Redis computes them.
//
// Both are counts over all entries that were ever added, so they are exact only where no deleted entry (a
// "tombstone") can lie in between. Where one can, the answer is "not known", which is not 0.
#pragma once

#include <cstdint>
#include <optional>

#include "stream/id.h"

namespace weir::sqlite {

/// The figures of a stream that are needed for this.
struct StreamShape {
  std::int64_t length = 0;
  std::int64_t added = 0;
  Id first;  ///< the first entry there is; 0-0 when empty
  Id last;   ///< last generated
  Id max_deleted;
};

/// How many entries the group has not been given.
std::optional<std::int64_t> group_lag(const StreamShape& stream, Id delivered,
                                      std::optional<std::int64_t> entries_read);

/// `entries_read` of a group after it was given the entry `id`, which comes after `delivered`.
std::optional<std::int64_t> entries_read_after(const StreamShape& stream, Id delivered,
                                               std::optional<std::int64_t> entries_read, Id id);

}  // namespace weir::sqlite
