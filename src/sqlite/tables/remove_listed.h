// Removing many from the pending list with one statement.
//
// It walks over the list from the first to the last of them, and asks a function of this connection about each row.
// That costs a third of a statement for each. If they are all that is pending in the file, as with one consumer that
// takes many and is done with them, the table is emptied, which costs a fifth of that.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "sqlite/database/database.h"
#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// A row of weir_pending that was there.
struct RemovedRow {
  Id id;
  std::optional<std::int64_t> consumer;
};

/// Threads: as its database, which must outlive it.
class RemoveListed {
 public:
  explicit RemoveListed(Database& db);
  ~RemoveListed();

  /// Whether this is the way to remove these: they are in order, and not too much lies between them.
  bool pays(const GroupRow& group, std::span<const Id> ids);

  /// Of those that are pending in the group, and held by `owner` if it is given, removes the rows, and no more. They
  /// are valid until the next call. Requires: a write transaction; this pays.
  std::span<const RemovedRow> remove(const GroupRow& group, std::span<const Id> ids, std::optional<std::int64_t> owner);

 private:
  struct Asked;
  std::optional<std::int64_t> position(const GroupRow& group, Id id);
  /// Whether nothing is pending, in any group, but what was asked for: that is in `removed` then.
  bool are_all(const GroupRow& group);

  Database& db_;
  std::unique_ptr<Asked> asked_;  ///< null until there are many
};

}  // namespace weir::sqlite
