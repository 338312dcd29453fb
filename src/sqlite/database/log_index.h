// What SQLite's index of the log says, in memory that all who have the database open share.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>

namespace weir::sqlite {

/// The end of a log: it changes with every commit.
struct LogEnd {
  std::uint32_t change = 0;
  std::uint32_t frames = 0;
  std::uint64_t salt = 0;

  bool operator==(const LogEnd&) const = default;
};

/// Nothing if it is being changed at this moment, or there is no log.
std::optional<LogEnd> log_end(sqlite3* db);

// Of the file of a database of which the index is known: somebody of this connection has read.

/// Whether all that the log holds is noted as moved into the database. Nobody who writes anything changes a yes to a no
/// but by beginning the log anew.
bool is_all_moved(sqlite3_file* database);
/// Notes that nothing is, as far as anybody knows, which is never wrong. Requires: the locks to write and to move.
void forget_moved(sqlite3_file* database);

}  // namespace weir::sqlite
