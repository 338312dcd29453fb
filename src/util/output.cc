#include "util/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir {

Result<void> Output::flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t written = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR) {
      const std::string reason = std::strerror(errno);
      buffer_.clear();
      return fail(Failure::store, "cannot write to standard output: " + reason);
    }
  }
  buffer_.clear();
  return {};
}

}  // namespace weir
