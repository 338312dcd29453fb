// What SQLite's result codes, and the system's reasons for them, mean to somebody who runs a program.
#pragma once

#include <sqlite3.h>

#include <string>

#include "stream/result.h"

namespace weir::sqlite {

/// A call that failed.
struct SqliteFailure {
  int code = SQLITE_OK;
  int system_error = 0;  ///< the errno that was the reason; 0 if there is none, or none is known
  std::string detail;    ///< what the rows say, or SQLite's text; may be empty
};

/// What the last call on the connection says about `code`. Its text is of use only if the failure was noted there.
SqliteFailure last_failure(sqlite3* db, int code);

Error describe_failure(const SqliteFailure& failure, const std::string& path);

/// Why a file that SQLite has opened for reading only is that.
Error describe_read_only(const std::string& path);

/// An error if the path, with what SQLite appends to it, is longer than SQLite takes.
Result<void> check_length(const std::string& path);

}  // namespace weir::sqlite
