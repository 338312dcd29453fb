// A record in FILE-lock of how the last process left the database: which file it was, which log lay beside it, and that
// the file alone was complete.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sqlite/database/log_index.h"

namespace weir::sqlite {

/// One state of one file. If two marks are equal, they are of the same file, and nobody has written to it in between.
struct FileMark {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born = 0;  ///< ns; 0: the file system does not tell
  std::int64_t size = 0;
  std::int64_t written = 0;  ///< ns

  /// Nothing if there is no such file. Uses stat, and does not open the file.
  static std::optional<FileMark> of(const std::string& path);

  bool operator==(const FileMark&) const = default;
};

struct RestRecord {
  FileMark database;
  FileMark log;
  LogEnd end;
  /// The run of the system in which this was noted: after loss of power the record may be on the disk without the
  /// database.
  std::uint64_t run = 0;

  /// The record of the files as they are now. Nothing if there is no database or no log.
  static std::optional<RestRecord> of(const std::string& database, const LogEnd& end);
  /// Nothing if there is no record, or it was not written whole.
  static std::optional<RestRecord> read(int lock_file);
  void write(int lock_file) const;

  /// Whether the system has not been restarted since.
  bool is_of_this_run() const;
};

/// The record's place in FILE-lock: see lock_file.h.
inline constexpr long kRestRecordOffset = 64;

}  // namespace weir::sqlite
