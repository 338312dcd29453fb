// The delayed messages of a stream.
#pragma once

#include <string>

#include "copy/copy.h"

namespace weir::copy {

/// Copies them, with their handles; those that the target has stay. Says in `copied` how the two
/// sides differ. Requires: the stream is in both stores.
Result<void> copy_delayed(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                          Copied& copied);

}  // namespace weir::copy
