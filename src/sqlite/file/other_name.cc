#include "sqlite/file/other_name.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <thread>

#include "system/clock.h"

namespace weir::sqlite {
namespace {

bool has_log(const std::string& path) {
  struct stat log {};
  return lstat((path + "-wal").c_str(), &log) == 0;
}

/// Whether the database uses a log. An empty file does not yet.
bool belongs_to_log(sqlite3_file* file) {
  constexpr std::size_t kReadVersion = 19;
  constexpr char kWithLog = 2;
  std::array<char, kReadVersion + 1> header{};
  return file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0) == SQLITE_OK &&
         header[kReadVersion] == kWithLog;
}

/// Whether somebody has the database open: each such process holds a shared lock. False also if the lock fails for
/// another reason.
bool somebody_has(sqlite3_file* file) {
  int result = file->pMethods->xLock(file, SQLITE_LOCK_SHARED);
  if (result == SQLITE_OK) {
    result = file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE);
  }
  file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
  return result == SQLITE_BUSY;
}

}  // namespace

Result<void> check_is_not_open_elsewhere(const Database& db, std::chrono::milliseconds most) {
  const std::string path = db.path();
  if (has_log(path)) {
    return {};
  }
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || !belongs_to_log(file)) {
    return {};
  }
  constexpr std::chrono::milliseconds kPause{1};
  const SteadyTime until = later(std::chrono::steady_clock::now(), most);
  while (somebody_has(file)) {
    if (std::chrono::steady_clock::now() >= until) {
      return fail(Failure::store, fmt::format("{0}: is open, and the log that it is used with is not {0}-wal", path),
                  "it was renamed while it was in use: give it its name back, or end what has it open, and try again");
    }
    std::this_thread::sleep_for(kPause);
    if (has_log(path)) {
      break;  // the log of a process that opened the database a moment before us
    }
  }
  return {};
}

}  // namespace weir::sqlite
