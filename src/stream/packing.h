// Entries of a long range, without a text of its own for each.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "stream/id.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// A page of entries, to be filled again and again: their fields, each as `Fields::json()` gives them, lie side by side
/// in one text, which keeps its memory.
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
  /// The ID of the last. Requires: there is one.
  Id end() const { return entries_.back().id; }

  /// `see` is given the ID and the fields of each.
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
    std::size_t end;  ///< of its fields, in the text
  };
  std::string text_;
  std::vector<Packed> entries_;
};

/// What a `Store` is besides, if it has entries as the text that is printed: a file has.
class Packing {
 public:
  virtual ~Packing() = default;

  /// As XRANGE: `page` has the entries then, and nothing else. How many they are.
  virtual Result<std::size_t> pack(const Xrange& request, PackedEntries& page) = 0;

 protected:
  Packing() = default;
  Packing(const Packing&) = default;
  Packing(Packing&&) = default;
  Packing& operator=(const Packing&) = default;
  Packing& operator=(Packing&&) = default;
};

}  // namespace weir
