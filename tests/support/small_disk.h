// A small file system, for tests of a full disk.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "support/child.h"

namespace weir::test {

/// Runs `body` in a child that sees one of 1 MB on `folder`; it ends with the child. Nothing: such a thing may not be
/// mounted here, which was said in a warning.
std::optional<Child> on_small_disk(const std::string& folder, const std::function<void(int out)>& body);

/// Mounts one of 1 MB on `folder`, which this process alone sees from now on; false: it may not.
bool mount_small(const std::string& folder);

/// Takes all the room that is left, in a file "fill".
void fill(const std::string& folder);

}  // namespace weir::test
