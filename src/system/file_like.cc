#include "system/file_like.h"

#include <unistd.h>

#include <cerrno>

namespace weir {

int make_like(int fd, const struct stat& other, bool owner_too) {
  struct stat file {};
  if (fstat(fd, &file) != 0) {
    return errno;
  }
  constexpr auto kSame = static_cast<uid_t>(-1);
  const bool all_given = owner_too && file.st_uid != other.st_uid && fchown(fd, other.st_uid, other.st_gid) == 0;
  const bool of_group = all_given || file.st_gid == other.st_gid || fchown(fd, kSame, other.st_gid) == 0;
  constexpr mode_t kPermissions = 0777;
  mode_t mode = other.st_mode & kPermissions;
  if (!of_group) {
    mode &= ~S_IRWXG | (mode & S_IRWXO) << 3U;
  }
  return fchmod(fd, mode) == 0 ? 0 : errno;
}

}  // namespace weir
