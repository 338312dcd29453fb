// Lines from a descriptor, as many at a time as are there.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "stream/result.h"
#include "system/give_way.h"

namespace weir::io {

/// Reads lines of any length into one buffer, which grows with the longest. So many bytes after each line
/// are readable: `kPadding`. Threads: one at a time. The descriptor stays the caller's.
class LineReader {
 public:
  static constexpr std::size_t kPadding = 64;

  /// Waits until there is something to be read. False: nothing more shall be read.
  using Wait = bool (*)(int fd);

  /// Without `wait` it waits in read(2).
  explicit LineReader(int fd, Wait wait = nullptr) : fd_(fd), wait_(wait) {}

  /// The next line that has been read whole, without its newline; a last line may lack one. Nothing: `fill`.
  /// What it points at is valid until the next `fill`.
  std::optional<std::string_view> next();

  /// Waits until there is at least one whole line more, then takes what else is there without waiting, up to
  /// about `limit` bytes. Fails with `Failure::store` where read(2) does. False: the input has ended, or the wait for
  /// it: then a line that has not come whole is dropped. Requires: `next` has given nothing.
  Result<bool> fill(std::size_t limit);

  /// Whether the last `fill` left nothing to be read: the input pauses.
  bool paused() const { return paused_; }

 private:
  void make_room(std::size_t bytes);
  bool has_line();
  bool readable() const;

  int fd_;
  Wait wait_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // the first byte not yet given out
  std::size_t end_ = 0;      // after the last byte read
  std::size_t scanned_ = 0;  // there is no newline between begin_ and here
  bool ended_ = false;
  bool paused_ = true;
  GiveWay give_way_;
};

}  // namespace weir::io
