#include "copy/pages.h"

#include <algorithm>
#include <system_error>

namespace weir::copy {

EntryReader::EntryReader(Store& store, std::string stream, Id first)
    : store_(store), stream_(std::move(stream)), first_(first) {
  ask();
}

void EntryReader::ask() {
  const auto read = [this, range = Xrange{stream_, *first_, kMaxId, false, count_}] { return store_.run(range); };
  try {
    asked_ = std::async(std::launch::async, read);
  } catch (const std::system_error&) {  // no more threads: the page is read when it is needed
    asked_ = std::async(std::launch::deferred, read);
  }
}

Result<std::vector<Entry>> EntryReader::next() {
  constexpr std::uint64_t kPageBytes = 4 * 1024 * 1024;
  constexpr std::uint64_t kMost = 10'000;
  if (!asked_.valid()) {
    return std::vector<Entry>();
  }
  WEIR_ASSIGN(Entries page, asked_.get());
  const bool full = page.entries.size() == count_;
  first_ = full ? next_id(page.entries.back().id) : std::nullopt;
  if (first_) {
    std::uint64_t bytes = 0;
    for (const Entry& entry : page.entries) {
      bytes += entry.fields->json().size();
    }
    // At most twice as many: the next entries may be larger than these.
    const std::uint64_t fitting = kPageBytes * page.entries.size() / std::max<std::uint64_t>(bytes, 1);
    count_ = std::clamp<std::uint64_t>(fitting, 1, std::min(count_ * 2, kMost));
    ask();
  }
  return std::move(page.entries);
}

}  // namespace weir::copy
