#include "io/line_reader.h"
#include "system/system_reason.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace weir::io {

bool LineReader::has_line() {
  const void* newline = std::memchr(buffer_.get() + scanned_, '\n', end_ - scanned_);
  if (newline == nullptr) {
    scanned_ = end_;
    return false;
  }
  scanned_ = static_cast<std::size_t>(static_cast<const char*>(newline) - buffer_.get());
  return true;
}

std::optional<std::string_view> LineReader::next() {
  if (begin_ == end_) {
    return std::nullopt;
  }
  if (has_line()) {
    const std::string_view line(buffer_.get() + begin_, scanned_ - begin_);
    begin_ = ++scanned_;
    return line;
  }
  if (!ended_) {
    return std::nullopt;
  }
  const std::string_view line(buffer_.get() + begin_, end_ - begin_);
  begin_ = scanned_ = end_;
  return line;
}

void LineReader::make_room(std::size_t bytes) {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  if (end_ + bytes + kPadding <= capacity_) {
    return;
  }
  const std::size_t wanted = std::max(capacity_ * 2, end_ + bytes + kPadding);
  auto larger = std::make_unique_for_overwrite<char[]>(wanted);
  if (end_ > 0) {
    std::memcpy(larger.get(), buffer_.get(), end_);
  }
  buffer_ = std::move(larger);
  capacity_ = wanted;
}

bool LineReader::readable() const {
  pollfd wait{fd_, POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

Result<bool> LineReader::fill(std::size_t limit) {
  constexpr std::size_t kRead = 64 * 1024;
  std::size_t taken = 0;
  bool whole_line = false;
  if (paused_ && give_way_.pays(std::chrono::steady_clock::now())) {
    std::this_thread::yield();
  }
  while (!ended_) {
    if (whole_line && (taken >= limit || !readable())) {
      paused_ = taken < limit;
      return true;
    }
    if (capacity_ < end_ + kRead + kPadding) {
      make_room(std::max(kRead, whole_line ? limit - std::min(limit, taken) : kRead));
    }
    if (wait_ != nullptr && !whole_line && !wait_(fd_)) {
      begin_ = scanned_ = end_;
      ended_ = true;
      break;
    }
    const ssize_t got = ::read(fd_, buffer_.get() + end_, capacity_ - kPadding - end_);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        // Another process that shares the descriptor has set O_NONBLOCK on it.
        pollfd wait{fd_, POLLIN, 0};
        static_cast<void>(::poll(&wait, 1, -1));
        continue;
      }
      return fail(Failure::bad_input, std::string("cannot read standard input: ") + system_reason(errno));
    }
    if (got == 0) {
      ended_ = true;
    }
    end_ += static_cast<std::size_t>(got);
    taken += static_cast<std::size_t>(got);
    whole_line = whole_line || has_line();
  }
  paused_ = false;
  return begin_ != end_;
}

}  // namespace weir::io
