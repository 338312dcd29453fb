// A file system that is soon full.
#pragma once

#include <string>

namespace weir::test {

/// In a child: mounts one of 1 MB on `folder`, which ends with the child. False: this may not be done here.
bool mount_small(const std::string& folder);

/// Takes all the room that is left, in a file "fill".
void fill(const std::string& folder);

}  // namespace weir::test
