// Writes files that appear whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::io {

/// Replaces the ordinary file of that name. The new file gets the old one's permissions, and its owner and group if the
/// system lets this user set them; without an old file, 0644 & ~umask. A symbolic link is followed if only this user
/// and root can have made it. A reader sees either the old file or the new one, even after a loss of power. Fails with
/// `Failure::store`. Leaves nothing behind then, nor if the process notes a signal that ends it. What a SIGKILL leaves,
/// `path.partial`, goes with the next call. Blocks while another process writes the same file, for ten seconds at most.
Result<void> write_whole_file(const std::string& path, std::string_view text);

}  // namespace weir::io
