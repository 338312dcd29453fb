// Checks what is in the database, and whether every user who may write it can write the files beside it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/file_checks.h"
#include "sqlite/file/file_rights.h"
#include "sqlite/file/lock_file_make.h"
#include "sqlite/file/log_files.h"
#include "sqlite/file/look_inside.h"
#include "sqlite/sqlite_store.h"
#include "text/shell_word.h"

namespace weir::doctor {
namespace {

constexpr std::string_view kDatabase = "database";
constexpr std::string_view kLockFile = "lock file";
constexpr std::string_view kLog = "log";

std::string rights(const struct stat& file) {
  return fmt::format("mode {:04o}, of {}", file.st_mode & 07777, sqlite::user_name(file.st_uid));
}

bool may(const Place& place, int how) {
  return faccessat(AT_FDCWD, place.path.c_str(), how, AT_EACCESS) == 0;
}

std::string versions(const sqlite::Inside& inside) {
  std::string text = fmt::format(", schema {}", inside.version);
  if (!inside.made_by.empty()) {
    text += ", made by " + inside.made_by;
  }
  return inside.migrated_by.empty() ? text : text + ", migrated by " + inside.migrated_by;
}

/// The remedy that lets this user use the database. A database of root's in this user's folder is a backup that root
/// put there.
std::string let_use(const Place& place) {
  constexpr uid_t kRoot = 0;
  struct stat folder {};
  if (place.database->st_uid == kRoot && geteuid() != kRoot && stat(place.folder.c_str(), &folder) == 0 &&
      folder.st_uid == geteuid()) {
    return fmt::format("as root: chown {}:{} {}", folder.st_uid, folder.st_gid, shell_word(place.path));
  }
  return "run weir as " + sqlite::user_name(place.database->st_uid);
}

/// Whom the log, or its index, shuts out. Nothing: nobody, or the file does not exist.
std::optional<std::string> shut_out_of(const std::string& path, const Place& place) {
  struct stat file {};
  return lstat(path.c_str(), &file) == 0 ? sqlite::shut_out(file, *place.database) : std::nullopt;
}

/// Whom the log, or its index, lets in although the database does not. Nothing as above.
std::optional<std::string> let_in_by(const std::string& path, const Place& place) {
  struct stat file {};
  return lstat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) ? sqlite::let_in(file, *place.database)
                                                                  : std::nullopt;
}

/// Does not open the database if the log has the wrong owner: if root opened it, SQLite would change the owner.
Result<sqlite::Inside> look_inside(const Place& place) {
  const bool wrong = shut_out_of(place.path + "-wal", place) || shut_out_of(place.path + "-shm", place) ||
                     !sqlite::check_log_files(place.path);
  return wrong ? Result<sqlite::Inside>(sqlite::Inside()) : sqlite::look_inside(place.path);
}

std::optional<sqlite::Inside> check_inside(const Place& place, const Tell& tell) {
  std::string what = fmt::format("{} bytes, {}", place.database->st_size, rights(*place.database));
  auto inside = look_inside(place);
  if (!inside) {
    Finding finding = bad(kDatabase, inside.error());
    if (finding.remedy.empty()) {
      finding.remedy = "see to that, or name another with --db";
    }
    tell(finding);
    return std::nullopt;
  }
  if (!inside->read) {
    what += "; was not looked into: its log is to be put in order first, which the next weir does";
  } else if (!inside->streams) {
    what += "; there are no streams in it: the first weir xadd makes weir's tables";
  } else {
    what += versions(*inside);
  }
  if (inside->old) {
    what += fmt::format("; the first command that writes brings it to schema {}, for which older weirs are too old",
                        sqlite::schema_version());
  }
  if ((place.database->st_mode & S_IWOTH) != 0) {
    tell({State::warning, kDatabase, what + "; everybody may change it", "chmod o-w " + shell_word(place.path)});
  } else if (!may(place, W_OK) && !place.is_read_only) {
    tell({State::warning, kDatabase, what + "; this user may only look at it", "to write, " + let_use(place)});
  } else {
    tell({State::ok, kDatabase, what, {}, {{"bytes", place.database->st_size}}});
  }
  return std::move(*inside);
}

}  // namespace

std::optional<sqlite::Inside> check_database(const Place& place, const Tell& tell) {
  if (!place.database) {
    tell({State::ok, kDatabase,
          place.may_make_files ? "is not there yet; the first weir xadd makes it" : "is not there"});
  } else if (!may(place, R_OK)) {
    tell({State::bad, kDatabase, place.path + ": this user may not read it (" + rights(*place.database) + ")",
          let_use(place) + ", or name another with --db"});
  } else {
    return check_inside(place, tell);
  }
  return std::nullopt;
}

void check_lock_file(const Place& place, const Tell& tell) {
  if (!place.database || !may(place, W_OK)) {
    return;  // this user does not write, and so takes no turn
  }
  const std::string path = place.path + "-lock";
  struct stat file {};
  const bool there = lstat(path.c_str(), &file) == 0;
  if (!there && !place.may_make_files) {
    return;  // the finding on the folder says so
  }
  if (const auto checked = sqlite::check_lock_file(path, place.path); !checked) {
    tell(bad(kLockFile, checked.error()));
  } else {
    tell({State::ok, kLockFile, there ? rights(file) : std::string("is not there; the next writer makes it")});
  }
}

void check_log(const Place& place, const Tell& tell) {
  constexpr std::int64_t kMegabyte = 1 << 20;
  // weir keeps the log below 64 MiB, unless something holds weir up.
  constexpr std::int64_t kLong = 128 * kMegabyte;
  if (!place.database) {
    return;
  }
  bool well = true;
  struct stat log {};
  const std::int64_t size = lstat((place.path + "-wal").c_str(), &log) == 0 ? log.st_size : 0;
  for (const char* suffix : {"-wal", "-shm"}) {
    const std::string path = place.path + suffix;
    if (const auto who = shut_out_of(path, place)) {
      tell({State::bad, kLog, path + ": shuts out " + *who, sqlite::mend_rights(path, *place.database)});
      well = false;
    } else if (const auto who_else = let_in_by(path, place)) {
      tell({State::warning, kLog, path + ": lets in " + *who_else, sqlite::mend_rights(path, *place.database)});
      well = false;
    }
  }
  if (size > kLong) {
    tell({State::warning,
          kLog,
          fmt::format(
              "{} MiB: something keeps it from being moved into the database, a reader that never ends or a process "
              "that is stopped",
              size / kMegabyte),
          "find who has it open with fuser -v " + shell_word(place.path),
          {{"bytes", size}}});
  } else if (well) {
    tell({State::ok,
          kLog,
          size == 0 ? std::string("empty") : fmt::format("{} KiB", (size + 1023) / 1024),
          {},
          {{"bytes", size}}});
  }
}

}  // namespace weir::doctor
