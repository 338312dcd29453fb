#include "sqlite/file/unchanging.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "system/file_lock.h"
#include "system/folder.h"
#include "system/system_reason.h"

namespace weir::sqlite {
namespace {

/// The bytes that SQLite locks: a process that has the file open with a log holds a lock here all the time.
constexpr ByteRange kLocks{0x40000000, 0x40000000 + 511};

/// True: the log may hold data that is not in the database.
bool has_log(const std::string& path, const char* suffix) {
  struct stat log {};
  return lstat((path + suffix).c_str(), &log) == 0 ? log.st_size > 0 : errno != ENOENT;
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

bool Unchanging::is(const std::string& path) {
  // If there is an index, SQLite can read even an empty log, and sees what is written to it later.
  return !has_log(path, "-wal") && !has_log(path, "-shm") && !has_log(path, "-journal") &&
         why_nothing_can_be_made_beside(path) != 0;
}

Result<Unchanging> Unchanging::open(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  Fd file = Fd::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (!file) {
    return fail(Failure::store, fmt::format("{}: cannot be opened: {}", path, system_reason(errno)),
                "look at the permissions of the file and of its folder");
  }
  Unchanging opened(std::move(file), failed ? path : absolute.lexically_normal().string());
  if (!has_log(path, "-wal") && locked_by_others(opened.file_.get(), kLocks)) {
    return fail(Failure::store, fmt::format("{0}: is open, and the log that it is used with is not {0}-wal", path),
                "it was renamed while it was in use: give it its name back, or end what has it open, and try again");
  }
  WEIR_TRY(opened.check());
  return opened;
}

Result<void> Unchanging::check() const {
  if (mark_ && mark() == mark_ && !has_log(path_, "-wal") && !has_log(path_, "-journal")) {
    return {};
  }
  return fail(Failure::store, fmt::format("{}: was written to while it was looked at", path_), "try again");
}

std::optional<Unchanging::Mark> Unchanging::mark() const {
  struct stat status {};
  if (fstat(file_.get(), &status) != 0) {
    return std::nullopt;
  }
#ifdef __APPLE__
  return Mark{status.st_size, nanoseconds(status.st_mtimespec), nanoseconds(status.st_ctimespec)};
#else
  return Mark{status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
#endif
}

}  // namespace weir::sqlite
