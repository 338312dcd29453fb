// Inserts many entries, or many pending rows, with one statement.
//
// A statement for each row would spend more time on beginning and ending than on the row. So SQLite sees the rows as a
// virtual table of this connection, `weir_rows`, and one INSERT … SELECT takes them all. If the rows go after all other
// entries of the file, SQLite numbers them itself, which also saves a search of the tree for each row.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sqlite/database/database.h"
#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// A future row of weir_entries.
struct NewRow {
  std::int64_t n = 0;
  Id id;
  std::string_view fields;
};

/// The same JSON as the file's encoding keeps it (see Database::keeps). Lifetime: as `json` and `room`.
std::string_view as_kept(Database& db, std::string_view json, std::string& room);

/// Threads: as its database, which must outlive it.
class BulkInsert {
 public:
  explicit BulkInsert(Database& db);
  ~BulkInsert();

  /// Inserts rows into weir_entries. The database keeps failures. Requires: a write transaction.
  void insert(std::span<const NewRow> rows);

  /// Inserts rows into weir_pending, without turns: a consumer is given these entries for the first time. Ignores their
  /// fields. Requires: a write transaction; none of the entries is pending in the group.
  void hold(std::span<const NewRow> entries, const GroupRow& group, const ConsumerRow& consumer, UnixMs now);

  /// The number of rows from which this pays.
  static constexpr std::size_t kMany = 16;

 private:
  struct Rows;
  void show(std::span<const NewRow> rows);
  void insert_kept(std::span<const NewRow> rows);
  void insert_run(std::span<const NewRow> run, bool last);

  Database& db_;
  std::unique_ptr<Rows> rows_;  ///< null until many rows are inserted
};

}  // namespace weir::sqlite
