// Reads SQLite's index of the log, which lies in memory shared by all that have the database open.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>

namespace weir::sqlite {

/// The end of the log, which changes with every commit.
struct LogEnd {
  std::uint32_t change = 0;
  std::uint32_t frames = 0;
  std::uint64_t salt = 0;

  bool operator==(const LogEnd&) const = default;
};

/// Nothing if the index is being changed at this moment, or there is no log.
std::optional<LogEnd> log_end(sqlite3* db);

// For the next two: `database` is the file of a connection that has read, so that its index is open.

/// Whether everything in the log is marked as moved into the database. Once true, only restarting the log makes it
/// false.
bool is_all_moved(sqlite3_file* database);
/// Marks everything in the log as not moved, which is always safe. Requires: the locks to write and to move.
void forget_moved(sqlite3_file* database);

}  // namespace weir::sqlite
