// Fields as text: taken apart and put together without touching a value's own text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "stream/fields.h"

namespace weir {

/// The same fields with more behind them. `more` is JSON members: `"a":1,"b":"c"`; names that are UTF-8.
struct JsonField {
  std::string_view name;
  std::string value;  ///< its JSON text
};
Fields with_fields(const Fields& fields, const std::vector<JsonField>& more);

/// The fields without the last `count` of them. Requires: there are so many.
Fields without_last(const Fields& fields, std::size_t count);

}  // namespace weir
