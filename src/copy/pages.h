// Reads a stream's entries in pages; the next page is read while the caller works on the last.
#pragma once

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "stream/store.h"

namespace weir::copy {

/// The number of entries in a page is chosen so that a page takes a few megabytes. Nobody else may use the store while
/// the object exists.
class EntryReader {
 public:
  EntryReader(Store& store, std::string stream, Id first);

  /// The next page; an empty one is the end.
  Result<std::vector<Entry>> next();

 private:
  void ask();

  Store& store_;
  std::string stream_;
  std::optional<Id> first_;  ///< the first ID of the page to be read next
  std::uint64_t count_ = 256;
  std::future<Result<Entries>> asked_;
};

}  // namespace weir::copy
