// Explains SQLite's result codes, and the system's reasons for them, to the program's user.
#pragma once

#include <sqlite3.h>

#include <string>

#include "stream/result.h"

namespace weir::sqlite {

/// A failed call of SQLite.
struct SqliteFailure {
  int code = SQLITE_OK;
  int system_error = 0;  ///< the errno behind it; 0 if there is none, or it is not known
  std::string detail;    ///< how the rows contradict each other, or SQLite's text; may be empty
};

/// Describes the last failed call on the connection, which returned `code`. SQLite's text is used only if the
/// connection's own error fits `code`.
SqliteFailure last_failure(sqlite3* db, int code);

Error describe_failure(const SqliteFailure& failure, const std::string& path);

/// Why SQLite could open a file only for reading.
Error describe_read_only(const std::string& path);

/// Fails if the path, with the endings that SQLite appends, is longer than SQLite accepts.
Result<void> check_length(const std::string& path);

}  // namespace weir::sqlite
