#include "system/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include "system/fd.h"

namespace weir {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

void sync_folder_of(const std::string& path) {
  if (const Fd folder = Fd::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    ::fsync(folder.get());
  }
}

}  // namespace weir
