#include "sqlite/file/left_log.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>

#include "sqlite/file/rest_record.h"
#include "system/fd.h"
#include "system/file_lock.h"

namespace weir::sqlite {
namespace {

using Status = struct stat;

std::optional<Status> look_at(const std::string& path) {
  Status status{};
  return lstat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

/// Each process that has a database open holds a shared lock on this byte: see unixOpenSharedMemory in SQLite's
/// os_unix.c.
bool has_somebody(const std::string& index, const Status& found, const std::string& database) {
  constexpr std::int64_t kInUse = 128;
  const auto own = look_at(database + "-shm");
  if (!S_ISREG(found.st_mode) || (own && own->st_dev == found.st_dev && own->st_ino == found.st_ino)) {
    return true;  // closing it would drop the locks of this process
  }
  const Fd fd = Fd::open(index.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  return !fd || locked_by_others(fd.get(), {kInUse, kInUse}).has_value();
}

tl::unexpected<Error> in_the_way(const std::string& path, const char* suffix) {
  return fail(Failure::store,
              fmt::format("{}{} is in the way: it belongs to a database that was moved away or removed", path, suffix),
              fmt::format("if no process has that one open, and none was killed, remove {0}-wal, {0}-shm, {0}-lock and "
                          "{0}-journal; or name another file",
                          path));
}

}  // namespace

Result<void> check_left_log(const std::string& path, const std::string& database) {
  if (look_at(path + "-journal")) {
    return in_the_way(path, "-journal");
  }
  const auto log = look_at(path + "-wal");
  // The lock file may note this log as that of the earlier database: after a crash the new database would be refused.
  if (log && (log->st_size > 0 || !S_ISREG(log->st_mode) || look_at(path + "-lock"))) {
    return in_the_way(path, "-wal");
  }
  const auto index = look_at(path + "-shm");
  if (index && has_somebody(path + "-shm", *index, database)) {
    return in_the_way(path, "-shm");
  }
  return {};
}

Result<void> check_log_is_spare(const std::string& path) {
  // In this order: who makes a database writes into it first, and into the log later.
  const auto log = FileMark::of(path + "-wal");
  const auto database = FileMark::of(path);
  if (!log || log->size == 0 || (database && database->size > 0)) {
    return {};
  }
  const Fd lock_file = Fd::open((path + "-lock").c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  const auto rest = lock_file ? RestRecord::read(lock_file.get()) : std::nullopt;
  if (rest && rest->log == *log) {
    return {};
  }
  return fail(
      Failure::store,
      fmt::format("{0}-wal is in the way: it has messages of a database that was moved away or removed", path),
      fmt::format("put that database back, or give {0}-wal its new name, too; or, if you do not miss it, remove "
                  "{0}-wal and {0}-shm",
                  path));
}

}  // namespace weir::sqlite
