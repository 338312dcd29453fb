// Commands as Redis's clients send them: arrays of strings in RESP, or words on a line.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::io {

/// What a client may send. Redis's own figures.
struct CommandLimits {
  std::size_t line = std::size_t{64} * 1024;  ///< of a line, its end not counted
  std::size_t word = std::size_t{512} * 1024 * 1024;
  std::size_t words = std::size_t{1024} * 1024;
  std::size_t command = std::size_t{1024} * 1024 * 1024;  ///< all its words together
};

/// For a client that has not said the password yet.
inline constexpr CommandLimits kStrangersLimits{.word = 16 * 1024, .words = 10, .command = std::size_t{64} * 1024};

/// Takes bytes as they come, and finds the commands in them. What it was given is looked at once, however small the
/// pieces. It holds no more memory than what has come and is not yet consumed. Threads: one at a time.
class CommandReader {
 public:
  enum class Found {
    nothing,  ///< more bytes are needed
    command,  ///< `words` has it; it has at least one
    broken,   ///< what follows cannot be made sense of: `error` says why, in Redis's words
  };

  void limit(const CommandLimits& limits) { limits_ = limits; }

  /// Where the next bytes may be put, at least `least` of them, and how many were.
  std::span<char> room(std::size_t least);
  void add(std::size_t size) { end_ += size; }

  /// The next command. It stays the next one until it is consumed.
  Found look();
  std::span<const std::string_view> words() const { return words_; }
  const std::string& error() const { return error_; }
  void consume();

  /// Bytes that have come and are not consumed.
  std::size_t size() const { return end_ - begin_; }
  /// Gives back the memory that it holds, if nothing has come.
  void release();
  /// How many bytes may come before it needs more memory.
  std::size_t capacity() const { return buffer_.capacity(); }
  /// About how many bytes of memory it holds.
  std::size_t memory() const {
    return buffer_.capacity() + places_.capacity() * sizeof(Place) + words_.capacity() * sizeof(std::string_view);
  }

 private:
  struct Place {
    std::size_t at;  ///< counted from begin_
    std::size_t size;
  };

  std::string_view rest() const { return {buffer_.data() + begin_ + at_, end_ - begin_ - at_}; }
  Found broken(std::string error);
  Found look_inline();
  Found look_array();
  /// The line at `at_`, without its end; null: it has not come yet. Moves on.
  bool take_line(std::string_view& line);

  CommandLimits limits_;
  std::string buffer_;  ///< of which [begin_, end_) has come and is not consumed
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t at_ = 0;        ///< how far it has been looked at, from begin_
  std::size_t searched_ = 0;  ///< how far a line's end was looked for, from begin_
  bool in_array_ = false;
  std::size_t missing_ = 0;  ///< words that are still to come
  bool has_size_ = false;    ///< of the next word
  std::size_t size_ = 0;
  std::size_t total_ = 0;
  std::vector<Place> places_;
  std::vector<std::string> inline_words_;
  std::vector<std::string_view> words_;
  bool ready_ = false;
  std::string error_;
};

}  // namespace weir::io
