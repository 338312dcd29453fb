// The names and values in a part of XINFO's reply.
#pragma once

#include <string_view>
#include <vector>

#include "redis/wire/value.h"

namespace weir::redis {

/// A view of a map, or of a flat array of names and values; valid as long as the `Value`. It remembers which names were
/// asked for, so that no list of known names is needed to find the unknown ones.
class NamedValues {
 public:
  /// An odd number of elements is an unexpected shape.
  explicit NamedValues(Value pairs);

  /// The first value of `name`; nil if there is none. Requires: `name` is a literal.
  Value named(std::string_view name);

  /// The values of names that were not asked for, in their order; of a repeated name, the first value.
  ExtraFields others() const;

 private:
  Value pairs_;
  std::vector<std::string_view> asked_;
};

}  // namespace weir::redis
