// A record in FILE-lock of how far the last sync of the log reached, so that a process whose commit it covers need not
// sync again.
//
// A commit is identified by its place: the log's salt, which changes each time the log begins anew, and the number of
// the commit's last frame. Until it begins anew the log only grows, so one sync covers every smaller number with the
// same salt. A commit writes nothing here, so commits of other programs and of older versions of weir, and checkpoints,
// need no special care.
//
// Unlike most of FILE-lock, this record is trusted. So it has a checksum, which also reveals a record that is being
// written at this moment. And each process, when it first writes, removes a record that claims more than the log holds:
// the log may have been replaced by an older copy.
#pragma once

#include <cstdint>

#include "sqlite/database/log_index.h"

namespace weir::sqlite {

class SyncRecord {
 public:
  /// The record as it is now. A record that is missing or not whole covers nothing.
  static SyncRecord read(int lock_file);
  /// Requires: the log was synced after it reached this end.
  static void write(int lock_file, const LogEnd& synced);
  /// Notes that a sync of the log with this salt failed. The system reports a write error to each process only once,
  /// and may not report it to the process that syncs next. So from now on each process syncs for itself, until the log
  /// begins anew.
  static void write_failure(int lock_file, std::uint64_t salt);
  /// Removes the record if it claims more than the log holds. Requires: the turn to write; `end` is the log's end.
  static void remove_if_false(int lock_file, const LogEnd& end);

  bool covers(const LogEnd& end) const;
  bool failed(std::uint64_t salt) const { return has_failed_ && failed_salt_ == salt; }

 private:
  bool is_there_ = false;
  std::uint64_t salt_ = 0;
  std::uint64_t frames_ = 0;
  bool has_failed_ = false;
  std::uint64_t failed_salt_ = 0;
};

/// The record's place in FILE-lock: see lock_file.h.
inline constexpr long kSyncRecordOffset = 256;

}  // namespace weir::sqlite
