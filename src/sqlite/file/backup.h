// A copy of a database that is in use.
//
// The backup copies the pages of the file as they lie there, while other processes write. Their commits go into the
// log, and only the backup moves the log into the file meanwhile, since it holds SQLite's lock for that. When the log
// has grown, the backup notes which pages it holds, moves them, and copies these pages again. In the end the backup
// writes the last pages of the log over the copy, which then is the database at that commit. So no writer waits for the
// copy, and the log stays short.
#pragma once

#include <functional>

#include "sqlite/file/connection.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Writes the database, as it is at a commit between the call and its return, to `to`, an empty file, and syncs that.
/// `go_on` is called now and then. Fails with Failure::store, or as `go_on` does. Requires: no transaction. If
/// `connection` may not write, the log grows until the end.
Result<void> write_backup(Connection& connection, int to, const std::function<Result<void>()>& go_on);

}  // namespace weir::sqlite
