// The names and values of a part of XINFO's reply.
#pragma once

#include <string_view>
#include <vector>

#include "redis/wire/value.h"

namespace weir::redis {

/// A look at a map, or at a flat array of names and values, as short-lived as `Value`. It keeps in mind which names
/// were asked for, so that what a newer server has besides needs no second list of what is known.
class NamedValues {
 public:
  /// An odd number of elements is strange.
  explicit NamedValues(Value pairs);

  /// What stands after `name`, the first time that it is there; nil if it is not. Requires: `name` is a literal.
  Value named(std::string_view name);

  /// What stands under names that were not asked for, in its order; of a name that comes again, the first.
  ExtraFields others() const;

 private:
  Value pairs_;
  std::vector<std::string_view> asked_;
};

}  // namespace weir::redis
