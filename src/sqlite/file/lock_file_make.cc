#include "sqlite/file/lock_file_make.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "sqlite/file/file_rights.h"
#include "sqlite/file/lock_file.h"
#include "system/folder.h"
#include "system/random.h"
#include "system/system_reason.h"
#include "text/shell_word.h"

namespace weir::sqlite {
namespace {

constexpr int kOpen = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
constexpr mode_t kGroupOpens = 0060;
constexpr mode_t kAllOpen = 0006;
constexpr uid_t kRoot = 0;

tl::unexpected<Error> cannot_make(const std::string& path, int code) {
  return fail(Failure::store, fmt::format("{}: cannot be made: {}", path, system_reason(code)),
              "weir needs to write this file to take its turn");
}

tl::unexpected<Error> cannot_open(const std::string& path, const std::string& database_path, int code) {
  if (code == ELOOP) {
    return fail(Failure::store, fmt::format("{}: is a symbolic link", path),
                "weir's lock file must be a file of its own: remove the link");
  }
  std::string message = fmt::format("{}: cannot be opened: {}", path, system_reason(code));
  struct stat file {};
  struct stat database {};
  if (code == EACCES && lstat(path.c_str(), &file) == 0 && stat(database_path.c_str(), &database) == 0 &&
      (file.st_uid != database.st_uid || file.st_gid != database.st_gid ||
       (file.st_mode & kReadAndWrite) != (database.st_mode & kReadAndWrite))) {
    message += ": its owner, group and mode are not those of the database";
    return fail(Failure::store, std::move(message), mend_rights(path, database));
  }
  return fail(Failure::store, std::move(message), "weir needs to write this file to take its turn");
}

int allocate(int fd) {
  return enlarge_lock_file(fd, kLockFileBytes);
}

/// Gives the file the database's owner, group and mode. Only root may give a file away. If that fails, the file is good
/// enough if the owner of the database can open it.
Result<void> hand_over(int fd, const struct stat& database, const std::string& path) {
  struct stat file {};
  if (fstat(fd, &file) != 0) {
    return cannot_make(path, errno);
  }
  if ((file.st_uid != database.st_uid || file.st_gid != database.st_gid) &&
      fchown(fd, database.st_uid, database.st_gid) != 0) {
    const bool of_group = file.st_gid == database.st_gid || fchown(fd, static_cast<uid_t>(-1), database.st_gid) == 0;
    const bool shared =
        (database.st_mode & kAllOpen) == kAllOpen ||
        (of_group && (file.st_uid == database.st_uid || ((database.st_mode & kGroupOpens) == kGroupOpens &&
                                                         opens_as_group(database.st_uid, database.st_gid))));
    if (!shared) {
      return fail(Failure::store,
                  fmt::format("{}: cannot be made such that {}, who owns the database, can open it", path,
                              user_name(database.st_uid)),
                  fmt::format("as root: install -o {} -g {} -m {:o} /dev/null {}", database.st_uid, database.st_gid,
                              database.st_mode & kReadAndWrite, shell_word(path)));
    }
  }
  if (fchmod(fd, database.st_mode & kReadAndWrite) != 0) {
    return cannot_make(path, errno);
  }
  return {};
}

Result<void> complete(int fd, const struct stat& database, const std::string& path) {
  WEIR_TRY(hand_over(fd, database, path));
  if (const int code = allocate(fd); code != 0) {
    return cannot_make(path, code);
  }
  return {};
}

/// True: the file is there, made by us or by others. False: the system or the file system cannot make it in this way.
using Made = Result<bool>;

Made after_link(int status, const std::string& path) {
  if (status == 0 || errno == EEXIST) {
    return true;
  }
  if (errno == EACCES || errno == ENOSPC || errno == EDQUOT || errno == EROFS) {
    return cannot_make(path, errno);
  }
  return false;
}

Made make_without_name([[maybe_unused]] const std::string& path, [[maybe_unused]] const struct stat& database) {
#ifdef O_TMPFILE
  const Fd fd = Fd::open(folder_of(path).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd) {
    WEIR_TRY(complete(fd.get(), database, path));
    const std::string name = fmt::format("/proc/self/fd/{}", fd.get());
    return after_link(linkat(AT_FDCWD, name.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW), path);
  }
#endif
  return false;
}

Made make_under_other_name(const std::string& path, const struct stat& database) {
  struct Remover {
    std::string name;
    ~Remover() { unlink(name.c_str()); }
  };
  const std::string name = fmt::format("{}/.weir-lock-{:08x}{:08x}", folder_of(path), random_number(), random_number());
  const Fd fd = Fd::open(name.c_str(), kOpen | O_CREAT | O_EXCL, 0600);
  if (!fd) {
    return cannot_make(path, errno);
  }
  const Remover remover{name};
  WEIR_TRY(complete(fd.get(), database, path));
  return after_link(link(name.c_str(), path.c_str()), path);
}

/// For file systems without hard links.
Made make_in_place(const std::string& path, const struct stat& database) {
  const Fd fd = Fd::open(path.c_str(), kOpen | O_CREAT | O_EXCL, 0600);
  if (!fd) {
    return errno == EEXIST ? Made(true) : Made(cannot_make(path, errno));
  }
  WEIR_TRY(complete(fd.get(), database, path));
  return true;
}

Result<void> make(const std::string& path, const std::string& database_path) {
  struct stat database {};
  if (stat(database_path.c_str(), &database) != 0) {
    return cannot_make(path, errno);
  }
  for (const auto way : {make_without_name, make_under_other_name, make_in_place}) {
    WEIR_ASSIGN(const bool made, way(path, database));
    if (made) {
      break;
    }
  }
  return {};
}

/// Whether the lock file is not another file's hard link, laid here so that weir writes to that file. A process that
/// makes the lock file may be killed while the file still has two names: such a file is whole, and has the database's
/// rights.
bool is_its_own(const struct stat& file, const std::string& database_path) {
  struct stat database {};
  return file.st_nlink <= 1 ||
         (stat(database_path.c_str(), &database) == 0 && file.st_size == kLockFileBytes &&
          file.st_gid == database.st_gid && (file.st_mode & kReadAndWrite) == (database.st_mode & kReadAndWrite));
}

/// Whether the open file can be used as the lock file; fills in `file`.
Result<void> judge(int fd, const std::string& path, const std::string& database_path, struct stat& file) {
  if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
    return fail(Failure::store, fmt::format("{}: is not a regular file", path));
  }
  struct stat database {};
  if (file.st_uid != geteuid() && file.st_uid != kRoot &&
      (stat(database_path.c_str(), &database) != 0 || !may_own(file, database))) {
    return fail(Failure::store,
                fmt::format("{}: belongs to {}, who may not write the database", path, user_name(file.st_uid)),
                fmt::format("as root: rm -f {}", shell_word(path)));
  }
  if (!is_its_own(file, database_path)) {
    return fail(Failure::store, fmt::format("{}: is another file's second name (a hard link)", path),
                fmt::format("as root: rm -f {}", shell_word(path)));
  }
  return {};
}

}  // namespace

int enlarge_lock_file(int fd, off_t bytes) {
#if defined(__APPLE__) || defined(__OpenBSD__)  // these have no posix_fallocate
  const int code = ENOSYS;
#else
  const int code = posix_fallocate(fd, 0, bytes);
#endif
  if (code != EOPNOTSUPP && code != EINVAL && code != ENOSYS) {
    return code;
  }
  constexpr std::array<char, kLockFileBytes> kZeros{};
  struct stat file {};
  if (fstat(fd, &file) != 0) {
    return errno;
  }
  for (off_t at = file.st_size; at < bytes;) {
    const ssize_t written =
        pwrite(fd, kZeros.data(), std::min(kZeros.size(), static_cast<std::size_t>(bytes - at)), at);
    if (written <= 0) {
      return written < 0 ? errno : ENOSPC;
    }
    at += written;
  }
  return 0;
}

Result<Fd> open_lock_file(const std::string& path, const std::string& database_path) {
  Fd fd = Fd::open(path.c_str(), kOpen);
  if (!fd && errno == ENOENT) {
    WEIR_TRY(make(path, database_path));
    fd = Fd::open(path.c_str(), kOpen);
  }
  if (!fd) {
    return cannot_open(path, database_path, errno);
  }
  struct stat file {};
  WEIR_TRY(judge(fd.get(), path, database_path, file));
  if (file.st_size < kLockFileBytes) {
    // Somebody truncated the file, or an older weir made it. If the disk is full, it still serves for locks.
    allocate(fd.get());
  }
  return fd;
}

Result<void> check_lock_file(const std::string& path, const std::string& database_path) {
  struct stat database {};
  struct stat file {};
  if (stat(database_path.c_str(), &database) != 0) {
    return cannot_make(path, errno);
  }
  const Fd fd = Fd::open(path.c_str(), kOpen);
  if (!fd && errno != ENOENT) {
    return cannot_open(path, database_path, errno);
  }
  if (!fd) {
#ifdef O_TMPFILE
    const Fd nameless = Fd::open(folder_of(path).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return nameless ? complete(nameless.get(), database, path) : Result<void>();
#else
    return {};
#endif
  }
  WEIR_TRY(judge(fd.get(), path, database_path, file));
  if (const auto who = shut_out(file, database)) {
    return fail(Failure::store, fmt::format("{}: shuts out {}", path, *who), mend_rights(path, database));
  }
  return {};
}

}  // namespace weir::sqlite
