#include "io/command_reader.h"

#include <algorithm>
#include <cstring>

#include "io/batch_line.h"
#include "text/numbers.h"

namespace weir::io {
namespace {

constexpr std::size_t kLongNumber = 32;

}  // namespace

std::span<char> CommandReader::room(std::size_t least) {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  }
  if (buffer_.size() - end_ < least && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < least) {
    std::size_t wanted = std::max(end_ + least, 2 * buffer_.size());
    if (in_array_ && has_size_) {
      wanted = std::max(end_ + least, std::min(wanted, begin_ + at_ + size_ + least));
    }
    buffer_.resize(wanted);
  }
  return {buffer_.data() + end_, buffer_.size() - end_};
}

CommandReader::Found CommandReader::broken(std::string error) {
  error_ = "ERR Protocol error: " + std::move(error);
  return Found::broken;
}

CommandReader::Found CommandReader::look() {
  if (ready_) {
    // New bytes may have moved the buffer, so the words are located again.
    if (in_array_) {
      for (std::size_t i = 0; i < places_.size(); ++i) {
        words_[i] = {buffer_.data() + begin_ + places_[i].at, places_[i].size};
      }
    }
    return Found::command;
  }
  if (!error_.empty()) {
    return Found::broken;
  }
  while (begin_ < end_) {
    in_array_ = buffer_[begin_] == '*';
    const Found found = in_array_ ? look_array() : look_inline();
    if (found != Found::command || !words_.empty()) {
      return found;
    }
    consume();  // an empty line or an empty array, which Redis ignores
  }
  return Found::nothing;
}

bool CommandReader::take_line(std::string_view& line) {
  const std::string_view unsearched = std::string_view(buffer_).substr(begin_ + searched_, end_ - begin_ - searched_);
  const std::size_t end = std::min(unsearched.find(in_array_ ? '\r' : '\n'), unsearched.size());
  const std::size_t ending = in_array_ ? 2 : 1;
  if (end + ending > unsearched.size()) {
    searched_ += end;
    return false;
  }
  const std::size_t size = searched_ + end - at_;
  line = rest().substr(0, size);
  if (!in_array_ && line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  at_ += size + ending;
  searched_ = at_;
  return true;
}

CommandReader::Found CommandReader::look_inline() {
  std::string_view line;
  if (!take_line(line)) {
    return size() > limits_.line ? broken("too big inline request") : Found::nothing;
  }
  if (line.size() > limits_.line) {
    return broken("too big inline request");
  }
  if (!parse_words(line, inline_words_)) {
    return broken("unbalanced quotes in request");
  }
  words_.assign(inline_words_.begin(), inline_words_.end());
  ready_ = true;
  return Found::command;
}

CommandReader::Found CommandReader::look_array() {
  std::string_view line;
  if (at_ == 0) {
    if (!take_line(line)) {
      return size() > limits_.line ? broken("too big mbulk count string") : Found::nothing;
    }
    const auto count = parse_integer(line.substr(1));
    if (!count || *count > static_cast<std::int64_t>(limits_.words)) {
      return broken("invalid multibulk length");
    }
    missing_ = *count > 0 ? static_cast<std::size_t>(*count) : 0;
  }
  while (missing_ > 0) {
    if (!has_size_) {
      if (!take_line(line)) {
        return rest().size() > limits_.line ? broken("too big bulk count string") : Found::nothing;
      }
      if (!line.starts_with('$')) {
        return broken(std::string("expected '$', got '") + (line.empty() ? '\r' : line[0]) + "'");
      }
      const auto size = parse_integer(line.substr(1, kLongNumber));
      if (!size || *size < 0 || static_cast<std::uint64_t>(*size) > limits_.word) {
        return broken("invalid bulk length");
      }
      size_ = static_cast<std::size_t>(*size);
      total_ += size_;
      if (total_ > limits_.command) {
        return broken("the command is too large");
      }
      has_size_ = true;
    }
    if (rest().size() < size_ + 2) {
      return Found::nothing;
    }
    places_.push_back({at_, size_});
    at_ += size_ + 2;  // the two bytes after a word may be anything: Redis does not check them, either
    searched_ = at_;
    has_size_ = false;
    --missing_;
  }
  words_.clear();
  words_.reserve(places_.size());
  for (const Place& place : places_) {
    words_.emplace_back(buffer_.data() + begin_ + place.at, place.size);
  }
  ready_ = true;
  return Found::command;
}

void CommandReader::consume() {
  begin_ += at_;
  at_ = searched_ = total_ = 0;
  ready_ = false;
  constexpr std::size_t kMany = 1024;
  if (places_.capacity() > kMany || words_.capacity() > kMany || inline_words_.capacity() > kMany) {
    std::vector<Place>().swap(places_);
    std::vector<std::string_view>().swap(words_);
    std::vector<std::string>().swap(inline_words_);
  }
  places_.clear();
  words_.clear();
  constexpr std::size_t kLarge = 64 * 1024;
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > kLarge) {
      std::string().swap(buffer_);
    }
  }
}

void CommandReader::release() {
  if (begin_ == end_ && at_ == 0) {
    std::string().swap(buffer_);
    begin_ = end_ = 0;
    std::vector<Place>().swap(places_);
    std::vector<std::string_view>().swap(words_);
    std::vector<std::string>().swap(inline_words_);
  }
}

}  // namespace weir::io
