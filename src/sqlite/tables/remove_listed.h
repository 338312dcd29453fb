// Removes many entries from the pending list with one statement.
//
// The statement walks over the list from the first entry to the last, and asks a function of this connection about each
// row. That costs a third of what a statement for each entry would. If these entries are all that is pending in the
// file, as with one consumer that takes many and is done with them, the table is emptied, which costs a fifth of that.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "sqlite/database/database.h"
#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// A row of weir_pending that was removed.
struct RemovedRow {
  Id id;
  std::optional<std::int64_t> consumer;
};

/// Threads: as its database, which must outlive it.
class RemoveListed {
 public:
  explicit RemoveListed(Database& db);
  ~RemoveListed();

  /// Whether this is cheaper for these IDs: they are in order, and not too many rows lie between them.
  bool pays(const GroupRow& group, std::span<const Id> ids);

  /// Removes the rows of those IDs that are pending in the group, and held by `owner` if it is given; changes nothing
  /// else. The result is valid until the next call. Requires: a write transaction; `pays` is true.
  std::span<const RemovedRow> remove(const GroupRow& group, std::span<const Id> ids, std::optional<std::int64_t> owner);

 private:
  struct Asked;
  std::optional<std::int64_t> position(const GroupRow& group, Id id);
  /// Whether only these IDs are pending, in any group; if so, `removed` has the rows.
  bool are_all(const GroupRow& group);

  Database& db_;
  std::unique_ptr<Asked> asked_;  ///< null until many are removed at once
};

}  // namespace weir::sqlite
