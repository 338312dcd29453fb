// The last entries of a range.
#pragma once

#include <cstdint>
#include <functional>

#include "stream/store.h"

namespace weir {

/// Narrows `range` to its last `many` entries of which `holds` is true (and to whatever is between them). False: there
/// is none. What is added meanwhile is not in it. Reads in pages, from the end. Requires: neither `reverse` nor
/// `count`.
Result<bool> narrow_to_newest(Store& store, Xrange& range, std::uint64_t many,
                              const std::function<bool(const Entry&)>& holds);

}  // namespace weir
