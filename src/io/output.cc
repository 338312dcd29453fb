#include "io/output.h"
#include "system/system_reason.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace weir::io {

Error output_failure(int error) {
  return {Failure::store, "cannot write to standard output: " + system_reason(error), {}, Cause::output};
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Another process that shares the descriptor has set O_NONBLOCK on it.
      pollfd wait{fd, POLLOUT, 0};
      static_cast<void>(::poll(&wait, 1, -1));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

Result<void> Output::flush() {
  if (frame_ && !buffer_.empty()) {
    std::string framed;
    framed.reserve(buffer_.size() + buffer_.size() / 8);
    frame_->add(framed, buffer_);
    buffer_ = std::move(framed);
  }
  return write_buffer();
}

Result<void> Output::finish(bool complete) {
  if (frame_) {
    WEIR_TRY(flush());
    frame_->end(buffer_, complete);
  }
  return write_buffer();
}

Result<void> Output::write_buffer() {
  const int error = rewrite_ == nullptr ? write_all(fd_, buffer_) : write_all(fd_, rewrite_(buffer_));
  buffer_.clear();
  return error == 0 ? Result<void>() : tl::unexpected(output_failure(error));
}

}  // namespace weir::io
