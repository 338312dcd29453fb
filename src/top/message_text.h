// Shows a message as text.
#pragma once

#include <vector>

#include "top/frame.h"
#include "top/model.h"

namespace weir::top {

/// What is known about the message besides its fields; changes as time passes.
std::vector<Line> message_head(const FoundPlace& place, const Now& now, std::size_t width);

/// The message's fields, complete up to a size that nobody would scroll through. JSON is indented, and long lines are
/// broken.
std::vector<Line> message_body(const FoundPlace& place, std::size_t width);

}  // namespace weir::top
