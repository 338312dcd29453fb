// The last entries of a range.
#pragma once

#include <cstdint>
#include <functional>

#include "stream/store.h"

namespace weir {

/// Narrows `range` so that it begins and ends with the last `many` entries for which `holds` is true; the entries
/// between them stay in it. False: there is no such entry. Entries that are added meanwhile are not in it. Reads in
/// pages, from the end. Requires: neither `reverse` nor `count`.
Result<bool> narrow_to_newest(Store& store, Xrange& range, std::uint64_t many,
                              const std::function<bool(const Entry&)>& holds);

}  // namespace weir
