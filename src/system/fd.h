// A file descriptor that closes itself.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace weir {

/// Owns one descriptor, or none. An object that was moved from owns none. Threads: one at a time.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  /// Opens a file; tries again if a signal interrupts. Empty on failure: errno says why. Blocks where open(2) does.
  static Fd open(const char* path, int flags, mode_t mode = 0) {
    int fd = -1;
    do {
      fd = ::open(path, flags, mode);
    } while (fd < 0 && errno == EINTR);
    return Fd(fd);
  }
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset(std::exchange(other.fd_, -1));
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  /// Closes the old descriptor. `close` is not retried: on EINTR the descriptor is gone already.
  void reset(int fd = -1) {
    if (fd_ >= 0) {
      ::close(fd_);
    }
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace weir
