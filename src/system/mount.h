// Which file system a path lies on. One implementation for each system.
#pragma once

#include <optional>
#include <string>

namespace weir {

struct Mount {
  std::string type;     ///< "ext4", "nfs4", "fuse.sshfs"; lower case
  std::string point;    ///< where it is mounted
  std::string options;  ///< of the mount and of the file system, as the system lists them, between commas
};

/// The mount that `path`, which is absolute and has no symbolic links, lies on; of the point itself, what is mounted
/// there. Nothing where the system does not tell. Names in it may be any bytes. Threads: any.
std::optional<Mount> mount_of(const std::string& path);

}  // namespace weir
