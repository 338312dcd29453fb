// A server's reply, owned, and a view of its parts.
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

/// A look at one value. Valid as long as the `ReplyPtr` it came from. What is asked of a value that has another shape
/// answers with an empty one and sets `*odd`, so that a decoder can be written straight and asked once at its end.
class Value {
 public:
  Value(const redisReply* reply, bool* odd) : reply_(reply), odd_(odd) {}

  bool is_error() const;
  bool is_nil() const;
  std::string_view text() const;  ///< of a string, a status or an error; of a double its digits
  std::uint64_t number() const;   ///< of an integer, or of digits; 1 or 0 of a boolean
  Id id() const;
  std::size_t size() const;  ///< of an array; nil has no elements
  bool is_map() const;       ///< which is read like an array of names, each with its value after it
  Value operator[](std::size_t i) const;
  /// The value after `name` in a map, or in a flat array of names and values; nil if it is not there.
  Value named(std::string_view name) const;
  /// Anything but an error, as it is.
  PlainValue plain() const;
  Fields fields() const;
  /// `[id, [name, value, …]]`, or `[id, nil]`.
  Entry entry() const;
  std::optional<std::uint64_t> maybe_number() const;
  /// Says that it is not what was asked for, unless `expected`.
  void expect(bool expected) const;

 private:
  std::nullptr_t strange() const;
  const redisReply* reply_;
  bool* odd_;
};

}  // namespace weir::redis
