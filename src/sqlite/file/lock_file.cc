#include "sqlite/file/lock_file.h"

#include "sqlite/file/lock_file_make.h"

namespace weir::sqlite {
namespace {

constexpr ByteRange kWaiters{1, 1};

constexpr std::size_t kMessagesBell = 0;
constexpr std::size_t kTurnBell = 4;
constexpr std::size_t kLateBell = 8;
constexpr std::size_t kSyncBell = 12;

}  // namespace

LockFile::Bells::Bells(int fd)
    : messages(fd, kMessagesBell), turn(fd, kTurnBell), late(fd, kLateBell), sync(fd, kSyncBell) {}

Result<LockFile> LockFile::open(const std::string& database_path) {
  std::string path = database_path + "-lock";
  WEIR_ASSIGN(Fd fd, open_lock_file(path, database_path));
  return LockFile(std::move(fd), std::move(path));
}

void LockFile::start_waiting() const {
  try_lock(fd_.get(), kWaiters, LockKind::shared);
}

void LockFile::stop_waiting() const {
  unlock(fd_.get(), kWaiters);
}

}  // namespace weir::sqlite
