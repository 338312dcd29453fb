// Files that are there whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::io {

/// Puts a file in the place of the one of that name, if there is one; everybody may read it (0644). Whoever reads
/// sees the old one or the new one; so does who looks after loss of power. Fails with `Failure::store`, and leaves
/// nothing then.
Result<void> write_whole_file(const std::string& path, std::string_view text);

}  // namespace weir::io
