#include "sqlite/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace weir {
namespace {

constexpr ByteRange kWaiters{1, 1};

tl::unexpected<Error> cannot(const char* what, const std::string& path, int code) {
  if (code == ELOOP) {
    return fail(Failure::store, fmt::format("{}: is a symbolic link", path),
                "weir's lock file must be a file of its own: remove the link");
  }
  return fail(Failure::store, fmt::format("{}: cannot be {}: {}", path, what, std::strerror(code)),
              "weir needs to write this file to take its turn");
}

}  // namespace

Result<LockFile> LockFile::open(const std::string& database_path) {
  std::string path = database_path + "-lock";
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
  Fd fd(::open(path.c_str(), kFlags));
  if (!fd && errno == ENOENT) {
    // With the database's own mode and group, whatever the umask: who may write there may queue here.
    struct stat database {};
    if (stat(database_path.c_str(), &database) != 0) {
      return cannot("made", path, errno);
    }
    fd.reset(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0600));
    if (fd) {
      if (fchown(fd.get(), static_cast<uid_t>(-1), database.st_gid) != 0 && errno != EPERM) {
        return cannot("made", path, errno);
      }
      fchmod(fd.get(), database.st_mode & 0666U);
    } else if (errno == EEXIST) {
      fd.reset(::open(path.c_str(), kFlags));
    }
  }
  if (!fd) {
    return cannot("opened", path, errno);
  }
  struct stat file {};
  if (fstat(fd.get(), &file) != 0 || !S_ISREG(file.st_mode)) {
    return fail(Failure::store, fmt::format("{}: is not a regular file", path));
  }
  if (file.st_size < kLockFileBytes && ftruncate(fd.get(), kLockFileBytes) != 0) {
    return cannot("written", path, errno);
  }
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

}  // namespace weir
