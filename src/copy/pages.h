// A stream's entries in pages, the next of which is read while one is worked on.
#pragma once

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "stream/store.h"

namespace weir::copy {

/// Pages are made of so many entries that they take a few megabytes, whatever an entry takes.
/// Between its making and its end nobody else may use the store.
class EntryReader {
 public:
  EntryReader(Store& store, std::string stream, Id first);

  /// The next page; an empty one is the end.
  Result<std::vector<Entry>> next();

 private:
  void ask();

  Store& store_;
  std::string stream_;
  std::optional<Id> first_;  ///< of the page that is asked for next
  std::uint64_t count_ = 256;
  std::future<Result<Entries>> asked_;
};

}  // namespace weir::copy
