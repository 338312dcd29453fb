// The folder that a file is in.
#pragma once

#include <string>

namespace weir {

/// The folder that the path names its file in, to be opened as it is, or to have a name appended after a slash: `.`
/// where the path names none.
std::string folder_of(const std::string& path);

/// Why this user can make nothing in that folder: EROFS, EACCES or EPERM. 0: he can, or something else is wrong with
/// it.
int why_nothing_can_be_made_beside(const std::string& path);

/// Writes to the disk what the folder of `path` calls its files, as after a rename. Blocks while the disk writes. Not
/// every file system can: the file is there all the same, so nothing is said of it.
void sync_folder_of(const std::string& path);

}  // namespace weir
