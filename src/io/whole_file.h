// Files that are there whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::io {

/// Puts a file in the place of the ordinary one of that name, whose permissions it has, and whose owner and group where
/// the system lets this user give them; a new one has 0644 & ~umask. A symbolic link is followed if nobody but this
/// user and root can have made it. Whoever reads sees the old one or the new one; so does who looks after loss of
/// power. Fails with `Failure::store`, and leaves nothing then, nor where the process is told to end if it notes that
/// (a SIGKILL leaves `path.` and six letters).
Result<void> write_whole_file(const std::string& path, std::string_view text);

}  // namespace weir::io
