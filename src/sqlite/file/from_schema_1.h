// Handles databases with version 1 of the schema, which weir 0.1.0 made.
#pragma once

#include "sqlite/database/database.h"

namespace weir::sqlite {

/// Migrates the tables to version 2; views and triggers are left to the caller. Requires: a write transaction.
void migrate_from_1(Database& db);

/// Makes temporary views with the names of version 2's tables. SQLite looks for names among these first.
void show_schema_1(Database& db);
/// Removes those views again.
void stop_showing_schema_1(Database& db);

}  // namespace weir::sqlite
