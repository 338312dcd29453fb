#include "stream/newest.h"

#include <algorithm>

namespace weir {

Result<bool> narrow_to_newest(Store& store, Xrange& range, std::uint64_t many,
                              const std::function<bool(const Entry&)>& holds) {
  constexpr std::uint64_t kPage = 1024;
  Xrange back = range;
  back.reverse = true;
  std::uint64_t left = many;
  while (left > 0) {
    // Often `holds` is true for every entry: then this many are enough.
    back.count = std::min(left, kPage);
    WEIR_ASSIGN(const Entries page, store.run(back));
    for (const Entry& entry : page.entries) {
      if (!holds(entry)) {
        continue;
      }
      if (left == many) {
        range.last = entry.id;
      }
      range.first = entry.id;
      if (--left == 0) {
        break;
      }
    }
    const auto before = page.entries.size() < *back.count ? std::nullopt : previous_id(page.entries.back().id);
    if (!before || *before < back.first) {
      break;
    }
    back.last = *before;
  }
  return left < many;
}

}  // namespace weir
