#include "util/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir {

namespace {
constexpr const char* kCannotWrite = "cannot write to standard output: ";
}

bool is_output_failure(const Error& error) {
  return error.message.starts_with(kCannotWrite);
}

Result<void> Output::flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t written = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Whoever shares the descriptor has set O_NONBLOCK on it.
      pollfd wait{fd_, POLLOUT, 0};
      static_cast<void>(::poll(&wait, 1, -1));
    } else if (errno != EINTR) {
      const std::string reason = std::strerror(errno);
      buffer_.clear();
      return fail(Failure::store, kCannotWrite + reason);
    }
  }
  buffer_.clear();
  return {};
}

}  // namespace weir
