// Standard output through one large buffer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/frame.h"
#include "stream/result.h"

namespace weir::io {

/// Collects what is to be written. Nothing is written before `flush` or `flush_if_large`, and nothing at the end
/// of its life: what was not flushed is lost. Threads: one at a time. The descriptor stays the caller's.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}

  /// What waits to be written; to be appended to.
  std::string& text() { return buffer_; }

  /// From now on what is flushed goes through it. Each flush hands it all that was collected since the last.
  using Rewrite = std::string (*)(std::string_view text);
  void rewrite_with(Rewrite rewrite) { rewrite_ = rewrite; }

  /// From now on lines of JSON are collected, and what `frame` makes of them is flushed; at the end `finish`.
  void frame_with(std::unique_ptr<Frame> frame) { frame_ = std::move(frame); }

  /// The last flush. `complete`: nothing went wrong.
  Result<void> finish(bool complete);

  /// Writes everything. Blocks while the reader is slow. A reader that is gone ends the program by SIGPIPE;
  /// any other failure is `Failure::store`.
  Result<void> flush();

  Result<void> flush_if_large() {
    constexpr std::size_t kLarge = 256 * 1024;
    return buffer_.size() >= kLarge ? flush() : Result<void>();
  }

  /// What is waiting to be written is not, and its memory is free.
  void forget() { std::string().swap(buffer_); }
  /// Takes back a line that was begun and cannot be finished. In a frame, for which more memory would be needed, all
  /// that was collected.
  void drop_unfinished_line() { buffer_.resize(frame_ ? 0 : buffer_.rfind('\n') + 1); }

 private:
  Result<void> write_buffer();

  int fd_;
  std::string buffer_;
  Rewrite rewrite_ = nullptr;
  std::unique_ptr<Frame> frame_;
};

/// Writes everything, and blocks until it has, also where the descriptor does not. Gives 0, or the errno that it
/// stopped at.
int write_all(int fd, std::string_view bytes);

/// What `flush` fails with, for an errno.
Error output_failure(int error);

}  // namespace weir::io
