#include "system/mount.h"

namespace weir {

std::optional<Mount> mount_of(const std::string& /*path*/) {
  return std::nullopt;
}

}  // namespace weir
