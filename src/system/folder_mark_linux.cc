#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "system/folder_mark.h"

namespace weir {

bool keeps_folder_marks(const std::string& folder) {
  constexpr std::uint64_t kXfs = 0x58465342;  // missing in linux/magic.h
  constexpr std::array<std::uint64_t, 6> kLocal{EXT4_SUPER_MAGIC, BTRFS_SUPER_MAGIC,     kXfs,
                                                TMPFS_MAGIC,      OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC};
  struct statfs system {};
  return statfs(folder.c_str(), &system) == 0 &&
         std::find(kLocal.begin(), kLocal.end(), static_cast<std::uint64_t>(system.f_type)) != kLocal.end();
}

std::optional<FolderMark> folder_mark(const std::string& folder) {
  // A disk may store times in whole seconds, and the kernel's clock advances in steps of some milliseconds.
  constexpr std::int64_t kSettledSeconds = 2;
  struct stat status {};
  timespec now{};
  if (stat(folder.c_str(), &status) != 0 || clock_gettime(CLOCK_REALTIME, &now) != 0 ||
      now.tv_sec - status.st_ctim.tv_sec < kSettledSeconds) {
    return std::nullopt;
  }
  return FolderMark{status.st_dev, status.st_ino, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

}  // namespace weir
