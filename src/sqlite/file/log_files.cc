#include "sqlite/file/log_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite/file/file_rights.h"
#include "text/shell_word.h"

namespace weir::sqlite {
namespace {

tl::unexpected<Error> of_stranger(const std::string& path, const struct stat& file, const struct stat& database) {
  const std::string remove = "as root: rm -f " + shell_word(path);
  // A log with contents may be the database's own, and hold messages: perhaps somebody gave only the database a new
  // owner.
  return fail(Failure::store,
              fmt::format("{}: belongs to {}, who may not write the database", path, user_name(file.st_uid)),
              file.st_size == 0 || database.st_nlink == 0
                  ? remove
                  : fmt::format("if it is this database's, {}; if {} has put it there, {}", mend_rights(path, database),
                                user_name(file.st_uid), remove));
}

}  // namespace

Result<void> check_log_files(const std::string& database) {
  struct stat of_database {};
  if (stat(database.c_str(), &of_database) != 0) {
    of_database = {};
    of_database.st_uid = geteuid();
  }
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    const std::string path = database + suffix;
    struct stat file {};
    if (lstat(path.c_str(), &file) != 0) {
      continue;
    }
    if (file.st_nlink > 1) {
      return fail(Failure::store, fmt::format("{}: is another file's second name (a hard link)", path),
                  "that file would be overwritten: remove this name");
    }
    if (!may_own(file, of_database)) {
      return of_stranger(path, file, of_database);
    }
  }
  return {};
}

void shut_files(const std::string& database) {
  struct stat of_database {};
  if (stat(database.c_str(), &of_database) != 0) {
    return;
  }
  for (const char* suffix : {"-wal", "-shm", "-journal", "-lock"}) {
    const std::string path = database + suffix;
    struct stat file {};
    if (lstat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode) || file.st_uid != geteuid() || file.st_nlink > 1) {
      continue;  // a file with two names may be somebody else's, linked here so that root changes its rights
    }
    mode_t excess = excess_bits(file, of_database);
    if (file.st_gid != of_database.st_gid && (excess & S_IRWXG) != 0) {
      if (lchown(path.c_str(), static_cast<uid_t>(-1), of_database.st_gid) == 0) {
        file.st_gid = of_database.st_gid;
        excess = excess_bits(file, of_database);
      } else {
        excess &= S_IRWXO;  // the group's bits may stand for an access control list: weir doctor reports them
      }
    }
    if (excess != 0) {
      [[maybe_unused]] const int done =  // weir doctor reports rights that remain
          fchmodat(AT_FDCWD, path.c_str(), file.st_mode & 07777 & ~excess, AT_SYMLINK_NOFOLLOW);
    }
  }
}

}  // namespace weir::sqlite
