// The folder that a file is in.
#pragma once

#include <string>

namespace weir {

/// The folder part of `path`, which can be opened, or be followed by a slash and a name; `.` if the path names no
/// folder.
std::string folder_of(const std::string& path);

/// Why this user can make no file in that folder: EROFS, EACCES or EPERM. 0: the user can, or the folder has another
/// fault.
int why_nothing_can_be_made_beside(const std::string& path);

/// Syncs the folder of `path`, so that the names in it are on the disk, as after a rename. Blocks while the disk
/// writes. Some file systems cannot; that is no error, since the file itself is there all the same.
void sync_folder_of(const std::string& path);

}  // namespace weir
