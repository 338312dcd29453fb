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
/// Returns `fields` with `more` appended.
Fields with_fields(const Fields& fields, const std::vector<JsonField>& more);

/// Returns `fields` without the last `count`; empty if there are no more than `count`.
Fields without_last(const Fields& fields, std::size_t count);

}  // namespace weir
