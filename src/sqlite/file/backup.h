// A copy of a database that is in use.
//
// The pages of the file are copied as they lie there, while others write. What they write goes into the log, and nobody
// but the backup moves it from there into the file meanwhile: it holds SQLite's lock for that. As the log grows it
// notes which pages the log has, moves them, and copies those again. In the end it lays the last pages of the log over
// the copy, and that is the database at that commit. So no writer waits for the copy, and the log stays short.
#pragma once

#include <functional>

#include "sqlite/file/connection.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Writes the database, as it is at a commit between the call and its return, to `to`, a file that is empty; it is
/// synced. `go_on` is called now and then. Fails with Failure::store, or as `go_on` does. Requires: no transaction.
/// `connection` may write, or the log grows until the end.
Result<void> write_backup(Connection& connection, int to, const std::function<Result<void>()>& go_on);

}  // namespace weir::sqlite
