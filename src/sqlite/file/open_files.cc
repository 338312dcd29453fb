#include "sqlite/file/open_files.h"

#include <fmt/format.h>

namespace weir::sqlite {
namespace {

constexpr const char* kDatabaseHint =
    "what was reported before is in the file that was opened, once all that have it open have ended; to use the one of "
    "this name now, start again";
constexpr const char* kLogHint =
    "end every program that uses the database, then start again: the last weir to end saves what the log held";
constexpr const char* kLockFileHint = "end every weir that uses the database, then start again";

/// `found`: whether any file has that name now.
tl::unexpected<Error> lost(const std::string& path, bool found, const char* hint) {
  Error error{
      Failure::store,
      fmt::format("{}: was {} while it was in use", path, found ? "replaced by another file" : "removed or renamed"),
      hint};
  error.cause = Cause::lasting;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace

void OpenFiles::remember_log(const std::string& database) {
  const auto find = [](std::string path) -> std::optional<File> {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0) {
      return std::nullopt;
    }
    return File{std::move(path), file.st_dev, file.st_ino};
  };
  log_ = find(database + "-wal");
  index_ = find(database + "-shm");
}

void OpenFiles::remember_lock_file(const LockFile& file) {
  struct stat status {};
  if (fstat(file.fd(), &status) == 0) {
    lock_file_ = File{file.path(), status.st_dev, status.st_ino};
  }
}

std::optional<FolderMark> OpenFiles::mark_of_folder(sqlite3* database) {
  if (!folder_) {
    const std::string path = sqlite3_db_filename(database, "main");
    folder_ = path.substr(0, path.rfind('/') + 1);
    if (!keeps_folder_marks(*folder_)) {
      folder_->clear();
    }
  }
  return folder_->empty() ? std::nullopt : folder_mark(*folder_);
}

Result<void> OpenFiles::check(sqlite3* database) {
  // After this time each file is checked again: a mark does not show that another file was mounted over one of ours.
  constexpr std::chrono::seconds kMarkHolds{1};
  const auto now = std::chrono::steady_clock::now();
  const auto mark = checked_ ? mark_of_folder(database) : std::nullopt;
  if (mark && mark == mark_ && now - each_checked_ < kMarkHolds) {
    return {};
  }
  WEIR_TRY(check_each(database));
  checked_ = true;
  mark_ = mark;
  each_checked_ = now;
  return {};
}

Result<void> OpenFiles::check_each(sqlite3* database) const {
  // SQLite compares its own descriptor with the file of that name.
  int moved = 0;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved != 0) {
    const std::string path = sqlite3_db_filename(database, "main");
    struct stat file {};
    return lost(path, stat(path.c_str(), &file) == 0, kDatabaseHint);
  }
  if (log_) {
    WEIR_TRY(log_->check(kLogHint));
  }
  if (index_) {
    WEIR_TRY(index_->check(kLogHint));
  }
  return lock_file_ ? lock_file_->check(kLockFileHint) : Result<void>();
}

Result<void> OpenFiles::File::check(const char* hint) const {
  struct stat now {};
  const bool found = stat(path.c_str(), &now) == 0;
  if (found && now.st_dev == device && now.st_ino == inode) {
    return {};
  }
  return lost(path, found, hint);
}

}  // namespace weir::sqlite
