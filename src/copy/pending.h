// Compares the pending entries of both sides of a copy.
#pragma once

#include <string>

#include "copy/copy.h"

namespace weir::copy {

/// Reports in `copied` which entries only one store holds in groups of `stream`. Pending entries of the source whose
/// message is gone are no difference, as no store takes them over: they are counted in `pending_lost`, even if an
/// earlier copy skipped them.
Result<void> compare_pending(const CopyEnd& from, const CopyEnd& to, const std::string& stream, Copied& copied);

}  // namespace weir::copy
