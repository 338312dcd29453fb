// A file that replaces another one, or holds the same data, must be open to the same people.
#pragma once

#include <sys/stat.h>

namespace weir {

/// Gives an open file the permissions and the group of another file, and with `owner_too` its owner. If this user may
/// not set that group, the file's own group gets only the permissions that everybody has. Returns an errno, or 0.
int make_like(int fd, const struct stat& other, bool owner_too);

}  // namespace weir
