// Finds the file system that a path lies on. One implementation for each system.
#pragma once

#include <optional>
#include <string>

namespace weir {

struct Mount {
  std::string type;     ///< "ext4", "nfs4", "fuse.sshfs"; lower case
  std::string point;    ///< the folder where it is mounted
  std::string options;  ///< of the mount and of the file system, as the system lists them, separated by commas
};

/// The mount that `path` lies on; if `path` is a mount point, the file system mounted there. Nothing if the system does
/// not tell. The names in the result may hold any bytes. Requires: `path` is absolute, without symbolic links. Threads:
/// any.
std::optional<Mount> mount_of(const std::string& path);

}  // namespace weir
