// The output of commands: whole lines of limited length, passed to a reader that may be slow.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace weir::worker {

/// Assembles lines. A line longer than `limit` is broken there.
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

  /// Calls `sink` with the last line if it had no newline.
  template <typename Sink>
  void finish(Sink&& sink) {
    if (!begun_.empty()) {
      sink(std::string_view(begun_));
      begun_.clear();
    }
  }

  bool broken() const { return broken_; }  ///< at least one line was too long

 private:
  std::size_t limit_;
  std::string begun_;
  bool broken_ = false;
};

/// Keeps the last lines: at most `lines` of them, and at most 4 KiB.
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

/// A descriptor of the worker to which lines are written. Writing never blocks.
class Outlet {
 public:
  explicit Outlet(int fd);

  int fd() const { return fd_; }

  void put(std::string_view bytes);
  /// Puts bytes before all bytes that wait. Requires: no waiting line has been written in part.
  void put_first(std::string_view bytes);
  /// Writes as much as is possible at once.
  void flush();
  /// Writes everything, but does not wait for a reader longer than five seconds.
  void drain();
  /// How many bytes wait for a slow reader.
  std::size_t waiting() const { return buffer_.size() - written_; }
  /// So many bytes wait that commands should not be read from until there are fewer.
  bool congested() const { return waiting() > (256 << 10); }
  /// Nobody reads from the descriptor any more; further bytes are dropped.
  bool closed() const { return closed_ && failure_ == 0; }
  /// The errno of another failure to write (a full disk); 0: none. Further bytes are dropped then, too.
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
