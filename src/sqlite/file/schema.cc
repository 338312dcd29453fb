#include "sqlite/file/schema.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "sqlite/file/from_schema_1.h"
#include "sqlite/file/schema_parts.h"

namespace weir::sqlite {
namespace {

// This table has no index, but it is short, and SQLite itself reads it whenever it opens a file.
constexpr const char* kAnyOfOurs =
    "SELECT lower(name) = 'weir_meta' FROM sqlite_schema WHERE lower(name) IN ('weir_meta', 'weir_streams', "
    "'weir_entries', 'weir_groups', "
    "'weir_consumers', 'weir_pending', 'weir_extras', 'weir_delayed', 'weir_keys', 'weir_serial', 'weir_messages', "
    "'weir_held', 'weir_inbox')";
constexpr const char* kVersion = "SELECT value FROM weir_meta WHERE key = 'version'";

/// A column that must be a table's primary key before any SQL runs on the table. A view under this name could recurse
/// for ever, and a virtual table could do anything, but neither has a primary key.
struct Shape {
  const char* table;
  const char* key;
};

constexpr Shape kMeta{"weir_meta", "key"};
constexpr std::array<Shape, 9> kShapes{{{"weir_streams", "stream"},
                                        {"weir_entries", "n"},
                                        {"weir_groups", "grp"},
                                        {"weir_consumers", "consumer"},
                                        {"weir_pending", "grp"},
                                        {"weir_extras", "stream"},
                                        {"weir_delayed", "stream"},
                                        {"weir_keys", "stream"},
                                        {"weir_serial", "grp"}}};
constexpr std::size_t kShapesOf1 = 5;  ///< version 1 has the first five of them

/// Asks for the schema that SQLite has in memory, which costs less than a statement.
bool is_ours(Database& db, const Shape& shape) {
  int is_key = 0;
  const int code = sqlite3_table_column_metadata(db.handle(), "main", shape.table, shape.key, nullptr, nullptr, nullptr,
                                                 &is_key, nullptr);
  return code == SQLITE_OK && is_key != 0;
}

tl::unexpected<Error> not_ours(const Database& db, const std::string& what) {
  Error error{Failure::store, fmt::format("{}: {}", db.path(), what),
              "the file is damaged, or another program has changed weir's tables: go on with a copy of it, or with "
              "another file"};
  error.cause = Cause::lasting;
  return tl::unexpected<Error>(std::move(error));
}

Result<SchemaState> state_by_version(Database& db) {
  std::optional<std::int64_t> version;
  {
    Query query = db.query(kVersion);
    if (query.next()) {
      version = query.integer(0);
    }
  }
  if (db.failed()) {
    return tl::unexpected(db.take_failure());
  }
  if (!version) {
    return not_ours(db, "the table weir_meta holds no schema version");
  }
  if (*version < 1) {
    return not_ours(db, fmt::format("the table weir_meta holds schema version {}, the first was 1", *version));
  }
  if (*version > kSchemaVersion) {
    return fail(Failure::store,
                fmt::format("{}: made by a newer weir (schema version {}, this weir knows {})", db.path(), *version,
                            kSchemaVersion),
                "use that weir, or another file");
  }
  const std::span shapes(kShapes);
  for (const Shape& shape : *version == 1 ? shapes.first(kShapesOf1) : shapes) {
    if (!is_ours(db, shape)) {
      return not_ours(db, fmt::format("{} is missing, or is not the table that weir made", shape.table));
    }
  }
  return *version < kSchemaVersion ? SchemaState::old : SchemaState::current;
}

/// Reading the list of tables makes SQLite read the schema again. One commit makes all tables, so all are there or
/// none.
Result<SchemaState> look_again(Database& db) {
  bool any = false;
  bool has_meta = false;
  {
    Query query = db.query(kAnyOfOurs);
    while (query.next()) {
      any = true;
      has_meta = has_meta || query.integer(0) != 0;
    }
  }
  if (db.failed()) {
    return tl::unexpected(db.take_failure());
  }
  if (!any) {
    return SchemaState::absent;
  }
  if (is_ours(db, kMeta)) {
    return state_by_version(db);
  }
  return not_ours(db, has_meta ? "weir_meta is not the table that weir made" : "has tables of weir, but no weir_meta");
}

}  // namespace

Result<SchemaState> schema_state(Database& db) {
  if (is_ours(db, kMeta)) {
    return state_by_version(db);  // the usual case pays for one statement
  }
  // There is no such table, or there was none when SQLite read the schema: another process may have made it since.
  return look_again(db);
}

void make_schema(Database& db, SchemaState from) {
  if (from == SchemaState::absent) {
    for (const char* tables : {kMetaTable, kFirstTables, kPendingTable, kTablesSince2}) {
      db.execute(tables);
    }
  } else if (from == SchemaState::old) {
    migrate_from_1(db);
  }
  if (from != SchemaState::current) {
    db.execute(kViews);
    db.execute(kInbox);
  }
}

void show_old_schema(Database& db) {
  show_schema_1(db);
}

bool stop_showing_if_migrated(Database& db) {
  bool migrated = false;
  {
    Query query = db.query(kVersion);
    migrated = query.next() && query.integer(0) != 1;
  }
  if (migrated) {
    stop_showing_schema_1(db);
  }
  return migrated;
}

}  // namespace weir::sqlite
