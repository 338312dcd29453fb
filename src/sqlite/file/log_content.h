// What a write-ahead log holds, read without SQLite's taking it for the database's own.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// Whether the database has every page as the log has it last: then the log changes nothing. Files are read through
/// SQLite, which alone may open them.
bool is_log_in_database(sqlite3* db);

}  // namespace weir::sqlite
