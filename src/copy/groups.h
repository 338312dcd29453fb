// The groups of a stream: where they stand, who reads in them, and what they hold.
#pragma once

#include <string>

#include "copy/copy.h"

namespace weir::copy {

/// Where a group stands whose pending entries are not all here yet: it gets its place when they are. So one that was
/// stopped on the way is told from one that is complete, and of which some may have been acknowledged meanwhile.
inline constexpr Id kUnfinishedGroup{0, kMaxPart};

/// Copies all groups of a stream whose entries are there already, and says in `copied` how it went. Fails as the stores
/// do; what was done by then stays, and is gone on with the next time.
Result<void> copy_groups(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                         Copied& copied);

}  // namespace weir::copy
