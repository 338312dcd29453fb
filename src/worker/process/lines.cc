#include "worker/process/lines.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace weir::worker {
namespace {

constexpr std::size_t kTailBytes = 4 << 10;

/// A pipe that is writable takes at least so many bytes without blocking.
constexpr std::size_t kPiece = 4096;

}  // namespace

void Tail::add(std::string_view line) {
  if (line.size() > kTailBytes) {
    line.remove_prefix(line.size() - kTailBytes);
  }
  lines_.emplace_back(line);
  bytes_ += line.size() + 1;
  while (lines_.size() > most_ || (bytes_ > kTailBytes && lines_.size() > 1)) {
    bytes_ -= lines_.front().size() + 1;
    lines_.pop_front();
  }
}

std::string Tail::text() const {
  std::string text;
  for (const std::string& line : lines_) {
    text += text.empty() ? "" : "\n";
    text += line;
  }
  return text;
}

Outlet::Outlet(int fd) : fd_(fd) {
  struct stat status {};
  may_block_ = fstat(fd, &status) == 0 && !S_ISREG(status.st_mode) &&
               (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || isatty(fd) != 0);
}

void Outlet::put(std::string_view bytes) {
  if (!closed_) {
    buffer_ += bytes;
  }
}

void Outlet::put_first(std::string_view bytes) {
  if (!closed_) {
    buffer_.insert(written_, bytes);
  }
}

void Outlet::flush() {
  while (waiting() > 0 && !closed_) {
    if (may_block_) {
      pollfd ready{fd_, POLLOUT, 0};
      if (poll(&ready, 1, 0) != 1) {
        break;
      }
    }
    const std::size_t size = may_block_ ? std::min(waiting(), kPiece) : waiting();
    const ssize_t count = ::write(fd_, buffer_.data() + written_, size);
    if (count < 0) {
      closed_ = errno != EINTR && errno != EAGAIN;
      failure_ = closed_ && errno != EPIPE && errno != ECONNRESET ? errno : 0;
      break;
    }
    written_ += static_cast<std::size_t>(count);
  }
  if (closed_ || waiting() == 0) {
    buffer_.clear();
    written_ = 0;
  } else if (written_ > (64 << 10)) {
    buffer_.erase(0, written_);
    written_ = 0;
  }
}

void Outlet::drain() {
  constexpr int kTries = 50;
  flush();
  for (int i = 0; i < kTries && waiting() > 0; ++i) {
    pollfd ready{fd_, POLLOUT, 0};
    poll(&ready, 1, 100);
    flush();
  }
}

}  // namespace weir::worker
