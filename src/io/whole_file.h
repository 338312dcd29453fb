// Files that are there whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::io {

/// Puts a file in the place of the ordinary one of that name, whose permissions it has; a new one everybody may read
/// (0644). Whoever reads sees the old one or the new one; so does who looks after loss of power. Fails with
/// `Failure::store`, and leaves nothing then, nor where the process is told to end if it notes that (a SIGKILL leaves
/// `path.` and six letters).
Result<void> write_whole_file(const std::string& path, std::string_view text);

}  // namespace weir::io
