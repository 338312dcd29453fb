// What commands print: whole lines, of bounded length, to a reader that may be slow.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace weir::worker {

/// Puts lines together. A line longer than `limit` is broken there.
class LineSplitter {
 public:
  static constexpr std::size_t kPassing = 64 << 10;

  explicit LineSplitter(std::size_t limit) : limit_(limit) {}

  /// Calls `sink(line)` for each line that is complete, without its newline.
  template <typename Sink>
  void feed(std::string_view bytes, Sink&& sink) {
    while (!bytes.empty()) {
      const auto end = bytes.find('\n');
      const auto room = limit_ - begun_.size();
      const auto piece = bytes.substr(0, end == std::string_view::npos ? bytes.size() : end);
      if (piece.size() > room) {
        begun_ += piece.substr(0, room);
        broken_ = true;
        sink(std::string_view(begun_));
        begun_.clear();
        bytes.remove_prefix(room);
        continue;
      }
      if (end == std::string_view::npos) {
        begun_ += bytes;
        return;
      }
      if (begun_.empty()) {
        sink(piece);
      } else {
        begun_ += piece;
        sink(std::string_view(begun_));
        begun_.clear();
      }
      bytes.remove_prefix(end + 1);
    }
  }

  /// The last line, if it had no newline.
  template <typename Sink>
  void finish(Sink&& sink) {
    if (!begun_.empty()) {
      sink(std::string_view(begun_));
      begun_.clear();
    }
  }

  bool broken() const { return broken_; }  ///< some line was too long

 private:
  std::size_t limit_;
  std::string begun_;
  bool broken_ = false;
};

/// The last lines of something: so many at most, and at most 4 KiB.
class Tail {
 public:
  explicit Tail(std::size_t lines = 20) : most_(lines) {}
  void add(std::string_view line);
  std::string text() const;  ///< newlines between the lines

 private:
  std::size_t most_;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
};

/// A descriptor of the worker's own, to which lines go. Writing to it never blocks.
class Outlet {
 public:
  explicit Outlet(int fd);

  int fd() const { return fd_; }

  void put(std::string_view bytes);
  /// Before all that waits. Requires: no line of that is begun.
  void put_first(std::string_view bytes);
  /// Writes what can be written at once.
  void flush();
  /// Writes everything, but does not wait for a reader longer than five seconds.
  void drain();
  /// Bytes that wait for a slow reader.
  std::size_t waiting() const { return buffer_.size() - written_; }
  /// More than should wait: commands are not to be read from until it is less.
  bool congested() const { return waiting() > (256 << 10); }
  /// Nobody reads it any more; what comes is dropped.
  bool closed() const { return closed_ && failure_ == 0; }
  /// The errno of another failure to write it (a full disk); 0: none. What comes is dropped too.
  int failure() const { return failure_; }

 private:
  int fd_;
  bool may_block_;
  bool closed_ = false;
  int failure_ = 0;
  std::string buffer_;
  std::size_t written_ = 0;
};

}  // namespace weir::worker
