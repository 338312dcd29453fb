// Fields as text: taken apart and put together without touching a value's own text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "stream/fields.h"

namespace weir {

struct JsonField {
  std::string_view name;  ///< UTF-8
  std::string value;      ///< its JSON text
};
/// The same fields with `more` after them.
Fields with_fields(const Fields& fields, const std::vector<JsonField>& more);

/// The fields without the last `count` of them; none, if there are not more.
Fields without_last(const Fields& fields, std::size_t count);

}  // namespace weir
