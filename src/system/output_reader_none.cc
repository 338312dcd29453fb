// The writing end of a pipe is never readable: whatever poll() reports of it means that the reader is gone.
#include <fcntl.h>
#include <sys/stat.h>

#include "system/output_reader.h"

namespace weir {

Fd watch_reader(int fd, int also) {
  struct stat status {};
  if (also >= 0 || ::fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode) ||
      (::fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY) {
    return {};
  }
  return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

}  // namespace weir
