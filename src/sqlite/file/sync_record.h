// What FILE-lock says of syncs of the log: how far the last one reached, so that who waits for its own commit to be on
// the disk need not sync once more.
//
// A commit is known by its place: the log's salt, which is another one each time the log begins anew, and the number of
// the commit's last frame. The log only grows until it begins anew, so one sync covers every smaller number of its
// salt. Nothing is counted beside the log: who commits writes nothing here, and other programs, older versions of weir
// and a checkpoint are no exception to anything.
//
// Unlike everything else in FILE-lock it is believed. So it has a checksum, which also shows a record that is being
// written at this moment, and whoever writes for the first time removes one that claims more than the log holds: that
// of a log that was since replaced by an older copy.
#pragma once

#include <cstdint>

#include "sqlite/database/log_index.h"

namespace weir::sqlite {

class SyncRecord {
 public:
  /// As it is now. One that is not there, or not whole, covers nothing.
  static SyncRecord read(int lock_file);
  /// Requires: the log was synced after it reached this end.
  static void write(int lock_file, const LogEnd& synced);
  /// A sync of the log of this salt failed. The system tells each process of that once only, and it may tell this one
  /// that comes next nothing: so from now on each syncs for itself, until the log begins anew.
  static void write_failure(int lock_file, std::uint64_t salt);
  /// Requires: the turn to write; `end` is that of the log.
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

/// Of FILE-lock: see lock_file.h.
inline constexpr long kSyncRecordOffset = 256;

}  // namespace weir::sqlite
