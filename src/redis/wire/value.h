// A server's reply, which owns its memory, and a view of its parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "stream/id.h"
#include "stream/reply.h"

struct redisReply;

namespace weir::redis {

struct FreeReply {
  void operator()(redisReply* reply) const;
};
using ReplyPtr = std::unique_ptr<redisReply, FreeReply>;

/// A view of one value, valid as long as the `ReplyPtr` it came from. A question that does not fit the value's shape
/// gets an empty answer and sets `*odd`. So a decoder need not check each step, but only `odd` at its end.
class Value {
 public:
  Value(const redisReply* reply, bool* odd) : reply_(reply), odd_(odd) {}

  bool is_error() const;
  bool is_nil() const;
  std::string_view text() const;  ///< the text of a string, status or error; the digits of a double
  std::uint64_t number() const;   ///< an integer, also from digits; 1 or 0 for a boolean
  Id id() const;
  std::size_t size() const;  ///< the length of an array; nil has no elements
  bool is_map() const;       ///< a map is read like an array with names and values in turn
  Value operator[](std::size_t i) const;
  /// The value after `name` in a map, or in a flat array of names and values; nil if it is not there.
  Value named(std::string_view name) const;
  /// The value as it is, unless it is an error.
  PlainValue plain() const;
  Fields fields() const;
  /// `[id, [name, value, …]]`, or `[id, nil]`.
  Entry entry() const;
  std::optional<std::uint64_t> maybe_number() const;
  /// Notes an unexpected shape, unless `expected`.
  void expect(bool expected) const;

 private:
  std::nullptr_t strange() const;
  const redisReply* reply_;
  bool* odd_;
};

}  // namespace weir::redis
