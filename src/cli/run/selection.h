// Selects the entries to show: --since, --until, --last, --where.
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
  std::optional<std::uint64_t> newest;  ///< --last: how many of the entries that fit
  std::vector<Condition> where;

  bool any() const { return first != kMinId || last != kMaxId || newest || !where.empty(); }
  /// Whether the conditions hold. An entry that was deleted has no fields.
  bool fits(const Entry& entry) const;
  /// Keeps the entries for which the conditions hold.
  void filter(Entries& entries) const;
};

/// Fails with `Failure::usage`. Options that the command does not have count as not given.
Result<Selection> read_selection(const Options& options);

/// The same for a command that reads streams from some place on: refuses it if the options set this place twice.
Result<Selection> read_selection_of_read(const Arguments& arguments);

/// Passes the selected entries of a range to `see`, page by page, up to the range's count; a page may be empty. Entries
/// added meanwhile do not make the range longer. False: there was no entry.
Result<bool> each_selected(Store& store, Xrange range, const Selection& selection,
                           const std::function<Result<void>(const Entries& page)>& see);

/// The same with packed entries, from a store that can do this; no page is empty. Requires: there is no condition.
Result<bool> each_packed(Store& store, Packing& packing, Xrange range, const Selection& selection,
                         const std::function<Result<void>(const PackedEntries& page)>& see);

/// The last ID that the stream has given to an entry; 0-0: there is no such stream.
Result<Id> last_id(Store& store, const std::string& stream);

}  // namespace weir::cli
