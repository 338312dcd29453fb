#include "system/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "system/fd.h"

namespace weir {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

int why_nothing_can_be_made_beside(const std::string& path) {
  const bool may = ::faccessat(AT_FDCWD, folder_of(path).c_str(), W_OK | X_OK, AT_EACCESS) == 0;
  return !may && (errno == EROFS || errno == EACCES || errno == EPERM) ? errno : 0;
}

void sync_folder_of(const std::string& path) {
  if (const Fd folder = Fd::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    ::fsync(folder.get());
  }
}

}  // namespace weir
