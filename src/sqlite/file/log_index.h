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

/// How many of its frames are known to be in the database. Once all are, the next writer begins the log anew.
std::optional<std::uint32_t> frames_moved(sqlite3* db);
/// Takes that for none: true at all times. Requires: the locks to write and to move.
void forget_moved(sqlite3* db);

}  // namespace weir::sqlite
