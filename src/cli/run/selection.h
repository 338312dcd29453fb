// Which entries are to be shown: --since, --until, --last, --where.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "cli/arguments/arguments.h"
#include "stream/condition.h"
#include "stream/packing.h"
#include "stream/store.h"

namespace weir::cli {

struct Selection {
  Id first = kMinId;                    ///< --since
  Id last = kMaxId;                     ///< the ID before --until
  std::optional<std::uint64_t> newest;  ///< --last: of those that fit
  std::vector<Condition> where;

  bool any() const { return first != kMinId || last != kMaxId || newest || !where.empty(); }
  /// Whether the conditions hold. An entry that was deleted has no fields.
  bool fits(const Entry& entry) const;
  /// Leaves those for which the conditions hold.
  void filter(Entries& entries) const;
};

/// Fails with `Failure::usage`. Options that the command does not have are not given.
Result<Selection> read_selection(const Options& options);

/// The same for a command that reads streams from somewhere on: what its options say twice is refused.
Result<Selection> read_selection_of_read(const Arguments& arguments);

/// Gives `see` what is selected of a range, page by page, as many entries as the range's count says; a page may be
/// empty. What is added meanwhile does not make the range longer. False: there was nothing.
Result<bool> each_selected(Store& store, Xrange range, const Selection& selection,
                           const std::function<Result<void>(const Entries& page)>& see);

/// The same, packed, of a store that can: each page has something. Requires: there is no condition.
Result<bool> each_packed(Store& store, Packing& packing, Xrange range, const Selection& selection,
                         const std::function<Result<void>(const PackedEntries& page)>& see);

/// The last ID that a stream has given; 0-0 if there is no such stream.
Result<Id> last_id(Store& store, const std::string& stream);

}  // namespace weir::cli
