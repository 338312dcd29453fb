// The tables, views and triggers of a weir database, and their versions. weir(5) describes them for users.
//
// How the halves of an ID are kept: id_halves.h. What positions are: tables/rows.h.
#pragma once

#include "sqlite/database/database.h"
#include "stream/result.h"

namespace weir::sqlite {

inline constexpr int kSchemaVersion = 2;

enum class SchemaState {
  current,
  absent,  ///< the file has no weir tables
  old,     ///< to be migrated
};

/// Looks which schema the file has; refuses one that is newer than this program.
Result<SchemaState> schema_state(Database& db);

/// Makes the schema, or migrates it to this version. Requires: a write transaction.
void make_schema(Database& db, SchemaState from);

/// Lets this connection see the tables of an older file as those of this version, for looking only: the file is not
/// changed. Requires: SchemaState::old.
void show_old_schema(Database& db);
/// Undoes that if another process has migrated the file since; whether it has. Requires: a transaction, of which this
/// is the first statement, and show_old_schema before.
bool stop_showing_if_migrated(Database& db);

}  // namespace weir::sqlite
