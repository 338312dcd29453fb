// Hands over a reply's values in the order of Redis's protocol, for any way of writing them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stream/reply.h"

namespace weir::io {

/// Takes the values of a reply in order. After `array(n)` its `n` elements follow. Views are valid during the call
/// only.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void array(std::size_t size) = 0;
  /// `size` names follow, each with its value: in RESP3 a map, in RESP2 a flat array.
  virtual void map(std::size_t size) { array(2 * size); }
  /// The same, with a call of `pair` before each name: in RESP3 a map, in RESP2 an array of arrays of two.
  virtual void pairs(std::size_t size) { array(size); }
  virtual void pair() { array(2); }
  virtual void bulk(std::string_view bytes) = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void nil() = 0;
  virtual void nil_array() = 0;
  virtual void status(std::string_view text) = 0;
  virtual void error(std::string_view message) = 0;
};

/// Hands `reply` to `sink` value by value, in the shape and order of a Redis server's answer.
void walk(const Reply& reply, ReplySink& sink);

}  // namespace weir::io
