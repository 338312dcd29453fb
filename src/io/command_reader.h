// Reads commands in the form in which Redis clients send them: arrays of strings in RESP, or words on a line.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::io {

/// What a client may send. The limits are Redis's.
struct CommandLimits {
  std::size_t line = std::size_t{64} * 1024;  ///< bytes in a line, without its end
  std::size_t word = std::size_t{512} * 1024 * 1024;
  std::size_t words = std::size_t{1024} * 1024;
  std::size_t command = std::size_t{1024} * 1024 * 1024;  ///< bytes in all words of a command together
};

/// For a client that has not said the password yet.
inline constexpr CommandLimits kStrangersLimits{.word = 16 * 1024, .words = 10, .command = std::size_t{64} * 1024};

/// Takes bytes as they come, and finds the commands in them. Each byte is looked at once, however small the pieces.
/// Holds only as much memory as the bytes that were not consumed yet. Threads: one at a time.
class CommandReader {
 public:
  enum class Found {
    nothing,  ///< more bytes are needed
    command,  ///< `words` has the command, with at least one word
    broken,   ///< the bytes make no sense: `error` says why, in Redis's words
  };

  void limit(const CommandLimits& limits) { limits_ = limits; }

  /// Where to put the next bytes (room for at least `least`). `add` then takes how many there were.
  std::span<char> room(std::size_t least);
  void add(std::size_t size) { end_ += size; }

  /// Looks for the next command, which stays the next one until consumed.
  Found look();
  std::span<const std::string_view> words() const { return words_; }
  const std::string& error() const { return error_; }
  void consume();

  /// How many bytes have come and are not consumed.
  std::size_t size() const { return end_ - begin_; }
  /// Returns memory to the system, if no bytes are held.
  void release();
  /// How many bytes fit before more memory is needed.
  std::size_t capacity() const { return buffer_.capacity(); }
  /// About how many bytes of memory the object holds.
  std::size_t memory() const {
    return buffer_.capacity() + places_.capacity() * sizeof(Place) + words_.capacity() * sizeof(std::string_view);
  }

 private:
  struct Place {
    std::size_t at;  ///< offset from begin_
    std::size_t size;
  };

  std::string_view rest() const { return {buffer_.data() + begin_ + at_, end_ - begin_ - at_}; }
  Found broken(std::string error);
  Found look_inline();
  Found look_array();
  /// Takes the line at `at_`, without its end, and moves behind it. False: the line is not complete yet. As for Redis,
  /// a line in an array ends with \r and one more byte, a line of words with \n.
  bool take_line(std::string_view& line);

  CommandLimits limits_;
  std::string buffer_;  ///< [begin_, end_) has come and is not consumed
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t at_ = 0;        ///< how far the bytes were looked at, from begin_
  std::size_t searched_ = 0;  ///< how far the end of the line was looked for, from begin_
  bool in_array_ = false;
  std::size_t missing_ = 0;  ///< how many words are still to come
  bool has_size_ = false;    ///< the size of the next word is known
  std::size_t size_ = 0;
  std::size_t total_ = 0;
  std::vector<Place> places_;
  std::vector<std::string> inline_words_;
  std::vector<std::string_view> words_;
  bool ready_ = false;
  std::string error_;
};

}  // namespace weir::io
