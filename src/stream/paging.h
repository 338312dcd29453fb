// Reads entries page by page: a page bounds the memory that is needed, and how long the file is looked at.
#pragma once

#include <algorithm>
#include <vector>

#include "stream/store.h"

namespace weir {

/// Gives `see` each entry from `first` to `last`, in order. Entries that are added meanwhile may be among them.
template <typename See>
Result<void> each_entry(Store& store, const std::string& stream, Id first, Id last, See&& see) {
  constexpr std::uint64_t kPage = 1'000;
  std::optional<Id> next = first;
  while (next && *next <= last) {
    WEIR_ASSIGN(const Entries page, store.run(Xrange{stream, *next, last, false, kPage}));
    std::ranges::for_each(page.entries, see);
    next = page.entries.size() < kPage ? std::nullopt : next_id(page.entries.back().id);
  }
  return {};
}

/// Gives `see` each entry of `ids` that exists, in the order of the IDs. Neighbours are asked for together; IDs with
/// other entries in between, one by one.
template <typename See>
Result<void> each_of(Store& store, const std::string& stream, std::vector<Id> ids, See&& see) {
  constexpr std::uint64_t kMost = 1'024;
  std::ranges::sort(ids);
  std::uint64_t count = 1;
  for (auto next = ids.cbegin(); next != ids.cend();) {
    WEIR_ASSIGN(Entries page, store.run(Xrange{stream, *next, ids.back(), false, count}));
    if (page.entries.empty()) {
      break;
    }
    std::uint64_t wanted = 0;
    const Id last = page.entries.back().id;
    for (Entry& entry : page.entries) {
      if (std::binary_search(next, ids.cend(), entry.id)) {
        ++wanted;
        see(std::move(entry));
      }
    }
    count = wanted == page.entries.size() ? std::min(count * 2, kMost) : std::max<std::uint64_t>(count / 2, 1);
    next = std::upper_bound(next, ids.cend(), last);
  }
  return {};
}

}  // namespace weir
