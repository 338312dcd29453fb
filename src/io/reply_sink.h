// A reply as Redis's protocol sees it: a walk over its values, whatever they are then written as.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stream/reply.h"

namespace weir::io {

/// Takes the values of a reply in order. `array(n)` is followed by its `n` elements. Views are valid during the call.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void array(std::size_t size) = 0;
  /// Followed by `size` names, each with its value: a map in RESP3, in RESP2 a flat array.
  virtual void map(std::size_t size) { array(2 * size); }
  /// Likewise, with a call of `pair` before each name: a map in RESP3, in RESP2 an array of arrays of two.
  virtual void pairs(std::size_t size) { array(size); }
  virtual void pair() { array(2); }
  virtual void bulk(std::string_view bytes) = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void nil() = 0;
  virtual void nil_array() = 0;
  virtual void status(std::string_view text) = 0;
  virtual void error(std::string_view message) = 0;
};

/// Hands `reply` to `sink` value by value, in the shape and order in which a Redis server answers.
void walk(const Reply& reply, ReplySink& sink);

}  // namespace weir::io
