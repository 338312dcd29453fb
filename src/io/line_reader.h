// Reads lines from a descriptor, as many at a time as are there.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "stream/result.h"
#include "system/give_way.h"

namespace weir::io {

/// Reads lines of any length into one buffer, which grows with the longest line. `kPadding` bytes after each line are
/// readable. The caller keeps the descriptor. Threads: one at a time.
class LineReader {
 public:
  static constexpr std::size_t kPadding = 64;

  /// Waits until there is input. False: stop reading.
  using Wait = bool (*)(int fd);

  /// Without `wait`, the reader waits in read(2).
  explicit LineReader(int fd, Wait wait = nullptr) : fd_(fd), wait_(wait) {}

  /// The next complete line, without its newline; the last line need not have one. Nothing: `fill` is needed. The view
  /// is valid until the next `fill`.
  std::optional<std::string_view> next();

  /// Waits until at least one more line is complete, then takes what else is there without waiting, up to about `limit`
  /// bytes. Fails with `Failure::bad_input` if read(2) fails. False: the input or the wait has ended; in the latter
  /// case an incomplete line is dropped. Requires: `next` has returned nothing.
  Result<bool> fill(std::size_t limit);

  /// Whether the last `fill` left no more input, so that the input pauses.
  bool paused() const { return paused_; }

 private:
  void make_room(std::size_t bytes);
  bool has_line();
  bool readable() const;

  int fd_;
  Wait wait_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // the first byte that was not returned yet
  std::size_t end_ = 0;      // the end of the bytes read
  std::size_t scanned_ = 0;  // no newline between begin_ and this place
  bool ended_ = false;
  bool paused_ = true;
  GiveWay give_way_;
};

}  // namespace weir::io
