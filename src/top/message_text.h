// A message as text.
#pragma once

#include <vector>

#include "top/frame.h"
#include "top/model.h"

namespace weir::top {

/// What is known of it beside its fields; changes as time passes.
std::vector<Line> message_head(const FoundPlace& place, const Now& now, std::size_t width);

/// Its fields, whole up to a size that nobody scrolls through: JSON in lines of its own, long lines broken.
std::vector<Line> message_body(const FoundPlace& place, std::size_t width);

}  // namespace weir::top
