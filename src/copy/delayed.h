// The delayed messages of a stream.
#pragma once

#include <string>

#include "copy/copy.h"

namespace weir::copy {

/// Copies them, with their handles, from file to file. In the target they take the place of those that are there, but
/// for `append`. Says in `copied` which could not be. Requires: the stream is in both stores.
Result<void> copy_delayed(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                          Copied& copied);

}  // namespace weir::copy
