// Inserting many entries, or what many of them are pending for, with one statement.
//
// A statement for each row spends more time on beginning and ending than on the row. So the rows are shown to SQLite
// as a virtual table of this connection, `weir_rows`, and one INSERT … SELECT takes them all. Where they go after all
// other entries of the file SQLite numbers them itself, which also saves a search of the tree for each.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "sqlite/database/database.h"
#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// A row of weir_entries to be.
struct NewRow {
  std::int64_t n = 0;
  Id id;
  std::string_view fields;
};

/// Threads: as its database, which must outlive it.
class BulkInsert {
 public:
  explicit BulkInsert(Database& db);
  ~BulkInsert();

  /// Failures are kept by the database. Requires: a write transaction.
  void insert(std::span<const NewRow> rows);

  /// To weir_pending, without turns: a consumer is given these entries for the first time. Their fields are not looked
  /// at. Requires: likewise; none of them is there.
  void hold(std::span<const NewRow> entries, const GroupRow& group, const ConsumerRow& consumer, UnixMs now);

  /// From how many rows on this pays.
  static constexpr std::size_t kMany = 16;

 private:
  struct Rows;
  void show(std::span<const NewRow> rows);
  void insert_kept(std::span<const NewRow> rows);
  void insert_run(std::span<const NewRow> run, bool last);

  Database& db_;
  std::unique_ptr<Rows> rows_;  ///< null until there are many
};

}  // namespace weir::sqlite
