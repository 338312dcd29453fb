// A copy of a database that is in use.
//
// The pages of the file are copied as they lie there, while others write. What they write goes into the log, and nobody
// but the backup moves it from there into the file meanwhile: it holds SQLite's lock for that. As the log grows it
// notes which pages the log has, moves them, and copies those again. In the end it lays the last pages of the log over
// the copy, and that is the database at that commit. So no writer waits for the copy, and the log stays short.
#pragma once

#include <cstdint>
#include <functional>

#include "sqlite/file/connection.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Bytes that have been copied, and how many there are.
using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t whole)>;

/// Writes the database, as it is at a commit between the call and its return, to `to`, a file that is empty; it is
/// synced. Fails with Failure::store. Requires: no transaction. `connection` may write, or the log grows until the end.
Result<void> write_backup(Connection& connection, int to, const CopyProgress& tell);

}  // namespace weir::sqlite
