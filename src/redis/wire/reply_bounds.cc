#include "redis/wire/reply_bounds.h"

#include <algorithm>
#include <string_view>

namespace weir::redis {
namespace {

constexpr std::size_t kMostElements = std::size_t{1} << 25U;  // in all arrays of a reply; each takes 8 bytes at once
constexpr int kDeepest = 32;  // arrays in arrays: reading and freeing a reply is recursive
constexpr std::size_t kLongestLine = std::size_t{64} * 1024;
constexpr std::size_t kLongestValue = std::size_t{1} << 30U;  // twice what a server accepts by default

}  // namespace

std::shared_ptr<ReplyBounds> ReplyBounds::put_on(redisContext& context) {
  auto bounds = std::make_shared<ReplyBounds>();
  bounds->functions_ = *context.reader->fn;
  bounds->make_array_ = bounds->functions_.createArray;
  bounds->functions_.createArray = &make_array;
  context.reader->fn = &bounds->functions_;
  context.reader->privdata = bounds.get();
  return bounds;
}

template <typename Size>
void* ReplyBounds::make_array(const redisReadTask* task, Size size) {
  auto& bounds = *static_cast<ReplyBounds*>(task->privdata);
  bounds.elements_ += static_cast<std::size_t>(std::max<Size>(size, 0));
  int depth = 1;
  for (const redisReadTask* outer = task->parent; outer != nullptr && depth <= kDeepest; outer = outer->parent) {
    ++depth;
  }
  bounds.too_deep_ = depth > kDeepest;
  return bounds.too_deep_ || bounds.elements_ > kMostElements ? nullptr : bounds.make_array_(task, size);
}

std::optional<std::string> ReplyBounds::broken(const redisReader& reader) const {
  if (elements_ > kMostElements) {
    return "it announced a reply of more than " + std::to_string(kMostElements) + " elements";
  }
  if (too_deep_) {
    return "it sent arrays within arrays, more than " + std::to_string(kDeepest) + " deep";
  }
  // The bytes not parsed yet begin with a line; for a string, this line is its length.
  const std::string_view waiting(reader.buf + reader.pos, reader.len - reader.pos);
  if (waiting.size() > kLongestValue) {
    return "it sent a value of more than " + std::to_string(kLongestValue) + " bytes";
  }
  if (waiting.size() > kLongestLine && waiting.substr(0, kLongestLine).find("\r\n") == std::string_view::npos) {
    return "it sent a line of more than " + std::to_string(kLongestLine) + " bytes";
  }
  return std::nullopt;
}

}  // namespace weir::redis
