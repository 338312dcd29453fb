// The tables, views and triggers of a weir database, and their versions. weir(5) describes them for users.
//
// id_halves.h says how the two halves of an ID are stored, tables/rows.h what positions are.
#pragma once

#include "sqlite/database/database.h"
#include "stream/result.h"

namespace weir::sqlite {

inline constexpr int kSchemaVersion = 2;

enum class SchemaState {
  current,
  absent,  ///< the file has no weir tables
  old,     ///< of an earlier version: has to be migrated
};

/// Which schema the file has. Refuses a schema that is newer than this program.
Result<SchemaState> schema_state(Database& db);

/// Makes the schema, or migrates an old one to this version. Requires: a write transaction.
void make_schema(Database& db, SchemaState from);

/// Shows this connection the tables of an older file as those of this version, for reading only: the file is not
/// changed. Requires: SchemaState::old.
void show_old_schema(Database& db);
/// Undoes show_old_schema if another process has migrated the file since; returns whether it has. Requires:
/// show_old_schema was called, and this is the first statement of a transaction.
bool stop_showing_if_migrated(Database& db);

}  // namespace weir::sqlite
