// Writes standard output through one large buffer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/frame.h"
#include "stream/result.h"

namespace weir::io {

/// Collects output. Only `flush`, `flush_if_large` and `finish` write it; the destructor drops the rest. The caller
/// keeps the descriptor. Threads: one at a time.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}

  /// The text that waits to be written; callers append to it.
  std::string& text() { return buffer_; }

  /// From now on, this function rewrites the output. Each flush passes it everything collected since the last flush.
  using Rewrite = std::string (*)(std::string_view text);
  void rewrite_with(Rewrite rewrite) { rewrite_ = rewrite; }

  /// From now on, lines of JSON are collected, and `frame` turns them into the output; `finish` ends it.
  void frame_with(std::unique_ptr<Frame> frame) { frame_ = std::move(frame); }

  /// Writes the rest. `complete`: nothing went wrong.
  Result<void> finish(bool complete);

  /// Writes everything. Blocks while the reader is slow. If the reader is gone, the program ends by SIGPIPE; any other
  /// failure is `Failure::store`.
  Result<void> flush();

  Result<void> flush_if_large() {
    constexpr std::size_t kLarge = 256 * 1024;
    return buffer_.size() >= kLarge ? flush() : Result<void>();
  }

  /// Drops the text that waits to be written, and frees its memory.
  void forget() { std::string().swap(buffer_); }
  /// Removes an incomplete last line. With a frame, which would need more memory, removes all that was collected.
  void drop_unfinished_line() { buffer_.resize(frame_ ? 0 : buffer_.rfind('\n') + 1); }

 private:
  Result<void> write_buffer();

  int fd_;
  std::string buffer_;
  Rewrite rewrite_ = nullptr;
  std::unique_ptr<Frame> frame_;
};

/// Writes everything; blocks until done, even if the descriptor is non-blocking. Returns 0, or the errno of a failure.
int write_all(int fd, std::string_view bytes);

/// The error for an errno, as `flush` fails with it.
Error output_failure(int error);

}  // namespace weir::io
