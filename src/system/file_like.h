// What takes the place of another file, or holds the same, is for the same people.
#pragma once

#include <sys/stat.h>

namespace weir {

/// Gives an open file the permissions and the group of another one, its owner too where that is asked for. Where this
/// user may not give the group away, the file's own group may do what others may. Returns an errno, or 0.
int make_like(int fd, const struct stat& other, bool owner_too);

}  // namespace weir
