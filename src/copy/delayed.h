// Copies the delayed messages of a stream.
#pragma once

#include <string>

#include "copy/copy.h"

namespace weir::copy {

/// Copies the delayed messages with their handles; those of the target stay. Reports differences in `copied`. Requires:
/// both stores have the stream.
Result<void> copy_delayed(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                          Copied& copied);

}  // namespace weir::copy
