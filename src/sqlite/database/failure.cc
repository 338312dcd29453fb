#include "sqlite/database/failure.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>

#include "system/folder.h"
#include "system/system_reason.h"

namespace weir::sqlite {
namespace {

constexpr int kPrimary = 0xff;  ///< masks the primary code in an extended one
constexpr const char* kPermissions = "look at the permissions of the file and of its folder";

Error store(std::string message, std::string hint = {}) {
  return Error{Failure::store, std::move(message), std::move(hint)};
}

Error no_room(const std::string& path, int system_error) {
  return Error{Failure::store, fmt::format("{}: {}", path, system_reason(system_error)),
               "what was reported as stored is stored", Cause::no_room};
}

bool is_no_room(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

const char* what_failed(int code) {
  switch (code) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ:
      return "cannot be read";
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_TRUNCATE:
      return "cannot be written";
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
      return "the disk does not say that it has stored what was written";
    default:
      return sqlite3_errstr(code);
  }
}

Error input_output(const SqliteFailure& failure, const std::string& path) {
  if (failure.code == SQLITE_IOERR_NOMEM) {
    return describe_failure({SQLITE_NOMEM, 0, {}}, path);
  }
  if (is_no_room(failure.system_error)) {
    return no_room(path, failure.system_error);
  }
  const char* what = what_failed(failure.code);
  return store(failure.system_error == 0 ? fmt::format("{}: {}", path, what)
                                         : fmt::format("{}: {}: {}", path, what, system_reason(failure.system_error)));
}

Error cannot_open(int system_error, const std::string& path) {
  if (auto fits = check_length(path); !fits) {
    return std::move(fits).error();
  }
  // The file that SQLite could not open may be one that it could not make beside the database.
  const bool is_there = faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0;
  if (const int reason = why_nothing_can_be_made_beside(path); is_there && reason != 0) {
    return store(fmt::format("{}: what is needed beside it cannot be made: {}", path, system_reason(reason)),
                 fmt::format("copy it, and {}-wal if that is there, into a folder where you may make files", path));
  }
  if (system_error == 0) {
    return store(fmt::format("{}: cannot be opened", path), kPermissions);
  }
  const bool is_forbidden = system_error == EACCES || system_error == EPERM;
  return store(fmt::format("{}: {}: {}", path, is_no_room(system_error) ? "cannot be written" : "cannot be opened",
                           system_reason(system_error)),
               is_forbidden ? kPermissions : "");
}

/// SQLite's connection loses an errno when it cleans up after a failure, but its files keep their last one.
int last_error_of_files(sqlite3* db) {
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    int reason = 0;
    if (sqlite3_file_control(db, "main", which, &file) == SQLITE_OK && file != nullptr && file->pMethods != nullptr &&
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &reason) == SQLITE_OK && reason != 0) {
      return reason;
    }
  }
  return 0;
}

}  // namespace

SqliteFailure last_failure(sqlite3* db, int code) {
  if (db == nullptr || (sqlite3_extended_errcode(db) & kPrimary) != (code & kPrimary)) {
    return {code, 0, sqlite3_errstr(code)};
  }
  int reason = sqlite3_system_errno(db);
  if (reason == 0 && (code & kPrimary) == SQLITE_IOERR) {
    reason = last_error_of_files(db);
  }
  return {code, reason, sqlite3_errmsg(db)};
}

Error describe_failure(const SqliteFailure& failure, const std::string& path) {
  switch (failure.code & kPrimary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return store(fmt::format("{}: busy: another program has held it for too long", path),
                   "end the transaction of the other program, or wait longer with --lock-timeout");
    case SQLITE_FULL:
      return no_room(path, ENOSPC);
    case SQLITE_READONLY:
      return describe_read_only(path);
    case SQLITE_NOTADB:
      return Error{Failure::store, fmt::format("{}: not a SQLite database", path), {}, Cause::lasting};
    case SQLITE_CORRUPT:
      return store(fmt::format("{}: the database is damaged ({})", path, failure.detail),
                   "use the last backup, or save what can be read in a new file: sqlite3 FILE '.clone NEW'");
    case SQLITE_CANTOPEN:
      return cannot_open(failure.system_error, path);
    case SQLITE_NOMEM:
      return store(fmt::format("{}: out of memory", path));
    case SQLITE_TOOBIG:
      return store(fmt::format("{}: the message is too large for the file (1,000,000,000 bytes at most)", path));
    case SQLITE_IOERR:
      return input_output(failure, path);
    default:
      return store(fmt::format("{}: {}", path, failure.detail));
  }
}

Error describe_read_only(const std::string& path) {
  if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0) {
    // This user may write to the file. So writing failed only at that moment, or because of a file beside it.
    return store(
        fmt::format("{}: could be opened for reading only", path),
        fmt::format("try again; if that does not help, look at the permissions of {}-wal and {}-shm", path, path));
  }
  return store(fmt::format("{}: read-only: {}", path, system_reason(errno)), kPermissions);
}

Result<void> check_length(const std::string& path) {
  constexpr std::string_view kLongestEnding = "-journal";
  std::error_code failed;
  const auto full = std::filesystem::absolute(path, failed);
  const auto most = static_cast<std::size_t>(sqlite3_vfs_find(nullptr)->mxPathname) - kLongestEnding.size();
  const std::size_t size = failed ? path.size() : full.native().size();
  if (size <= most) {
    return {};
  }
  return fail(Failure::store, fmt::format("{}: the path is too long: {} bytes, SQLite takes {}", path, size, most),
              "put the database into a folder nearer to /, or reach it by a link that is shorter");
}

}  // namespace weir::sqlite
