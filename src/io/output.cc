#include "io/output.h"
#include "system/system_reason.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace weir::io {

namespace {
constexpr const char* kCannotWrite = "cannot write to standard output: ";
}

bool is_output_failure(const Error& error) {
  return error.message.starts_with(kCannotWrite);
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Whoever shares the descriptor has set O_NONBLOCK on it.
      pollfd wait{fd, POLLOUT, 0};
      static_cast<void>(::poll(&wait, 1, -1));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

Result<void> Output::flush() {
  const int error = rewrite_ == nullptr ? write_all(fd_, buffer_) : write_all(fd_, rewrite_(buffer_));
  buffer_.clear();
  return error == 0 ? Result<void>() : fail(Failure::store, std::string(kCannotWrite) + system_reason(error));
}

}  // namespace weir::io
