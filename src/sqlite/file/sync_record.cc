#include "sqlite/file/sync_record.h"

#include <unistd.h>

#include <cstddef>

#include "sqlite/file/mixing.h"

namespace weir::sqlite {
namespace {

/// The record as it lies in the file, in native byte order.
struct Synced {
  std::uint64_t checksum;
  std::uint64_t salt;
  std::uint64_t frames;
};
struct Failed {
  std::uint64_t checksum;
  std::uint64_t salt;
};
struct Stored {
  Synced synced;
  Failed failed;
};
static_assert(sizeof(Stored) == 40);

/// The checksum of zeros, as in a new file, is not zero.
std::uint64_t checksum(std::uint64_t salt, std::uint64_t frames) {
  constexpr std::uint64_t kLayout = 0x776569722d73796e;
  return mixed(mixed(salt ^ kLayout) + frames);
}

constexpr std::uint64_t kNoFrames = UINT64_MAX;  ///< marks the checksum of a failure, so that it is no record of a sync

template <typename T>
void put(int lock_file, const T& value, std::size_t offset) {
  // If the write fails nothing is lost: each process syncs for itself.
  [[maybe_unused]] const ssize_t written =
      pwrite(lock_file, &value, sizeof value, kSyncRecordOffset + static_cast<off_t>(offset));
}

}  // namespace

SyncRecord SyncRecord::read(int lock_file) {
  Stored stored{};
  SyncRecord record;
  if (pread(lock_file, &stored, sizeof stored, kSyncRecordOffset) != sizeof stored) {
    return record;
  }
  record.is_there_ = stored.synced.checksum == checksum(stored.synced.salt, stored.synced.frames);
  record.salt_ = stored.synced.salt;
  record.frames_ = stored.synced.frames;
  record.has_failed_ = stored.failed.checksum == checksum(stored.failed.salt, kNoFrames);
  record.failed_salt_ = stored.failed.salt;
  return record;
}

bool SyncRecord::covers(const LogEnd& end) const {
  return is_there_ && salt_ == end.salt && frames_ >= end.frames && !failed(end.salt);
}

void SyncRecord::write(int lock_file, const LogEnd& synced) {
  put(lock_file, Synced{checksum(synced.salt, synced.frames), synced.salt, synced.frames}, offsetof(Stored, synced));
}

void SyncRecord::write_failure(int lock_file, std::uint64_t salt) {
  put(lock_file, Failed{checksum(salt, kNoFrames), salt}, offsetof(Stored, failed));
}

void SyncRecord::remove_if_false(int lock_file, const LogEnd& end) {
  const SyncRecord record = read(lock_file);
  if (record.is_there_ && record.salt_ == end.salt && record.frames_ > end.frames) {
    put(lock_file, Synced{}, offsetof(Stored, synced));
  }
}

}  // namespace weir::sqlite
