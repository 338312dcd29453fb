// Copies the groups of a stream: their places, their consumers, and their pending entries.
#pragma once

#include <string>

#include "copy/copy.h"

namespace weir::copy {

/// The place of a group until all its pending entries are copied; then it gets its real place. Thus a group whose copy
/// was stopped can be told from a complete one, which may have acknowledged some entries since.
inline constexpr Id kUnfinishedGroup{0, kMaxPart};

/// Copies all groups of a stream, whose entries have to be copied already, and reports in `copied`. Fails as the stores
/// do; what was done before a failure stays, and the next call continues from there.
Result<void> copy_groups(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                         Copied& copied);

}  // namespace weir::copy
