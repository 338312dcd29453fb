#include "sqlite/file/lock_file.h"

#include "sqlite/file/lock_file_make.h"

namespace weir::sqlite {
namespace {

constexpr ByteRange kWaiters{1, 1};

}  // namespace

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

Doorbell& LockFile::bell() const {
  if (!bell_) {
    bell_ = std::make_unique<Doorbell>(fd_.get());
  }
  return *bell_;
}

}  // namespace weir::sqlite
