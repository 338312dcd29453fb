// Entries of a long range, packed into one text instead of one string for each.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "stream/id.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// A page of entries that is filled again and again. The fields of its entries, as `Fields::json()` gives them, lie
/// side by side in one text, whose memory is reused.
class PackedEntries {
 public:
  void clear() {
    text_.clear();
    entries_.clear();
  }
  void add(Id id, std::string_view fields) {
    text_.append(fields);
    entries_.push_back({id, text_.size()});
  }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  /// The ID of the last entry. Requires: the page is not empty.
  Id end() const { return entries_.back().id; }

  /// Calls `see` with the ID and the fields of each entry.
  template <typename See>
  void each(See&& see) const {
    std::size_t begin = 0;
    for (const Packed& entry : entries_) {
      see(entry.id, std::string_view(text_).substr(begin, entry.end - begin));
      begin = entry.end;
    }
  }

 private:
  struct Packed {
    Id id;
    std::size_t end;  ///< where its fields end in the text
  };
  std::string text_;
  std::vector<Packed> entries_;
};

/// Implemented by a `Store` that keeps entries as the text that is printed: the file engine does.
class Packing {
 public:
  virtual ~Packing() = default;

  /// As XRANGE, but puts the entries into `page`, in the place of what it held. Returns how many there are.
  virtual Result<std::size_t> pack(const Xrange& request, PackedEntries& page) = 0;

 protected:
  Packing() = default;
  Packing(const Packing&) = default;
  Packing(Packing&&) = default;
  Packing& operator=(const Packing&) = default;
  Packing& operator=(Packing&&) = default;
};

}  // namespace weir
