// What is pending on both sides of a copy, compared.
#pragma once

#include <string>

#include "copy/copy.h"

namespace weir::copy {

/// Says in `copied` what the groups of `stream` hold in one store only. What the source holds without a message, which
/// no store takes over, is no difference: it is counted in `pending_lost`, whoever copied the rest.
Result<void> compare_pending(const CopyEnd& from, const CopyEnd& to, const std::string& stream, Copied& copied);

}  // namespace weir::copy
