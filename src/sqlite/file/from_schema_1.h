// Databases of version 1 of the schema, which weir 0.1.0 made.
#pragma once

#include "sqlite/database/database.h"

namespace weir::sqlite {

/// Makes version 2 of it, without the views and triggers. Requires: a write transaction.
void migrate_from_1(Database& db);

/// Temporary views with the names of the tables, which this connection finds first.
void show_schema_1(Database& db);
/// Without them again.
void stop_showing_schema_1(Database& db);

}  // namespace weir::sqlite
