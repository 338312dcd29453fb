// The groups of a stream: where they stand, who reads in them, and what they hold.
#pragma once

#include <string>

#include "copy/copy.h"

namespace weir {

/// Copies all groups of a stream whose entries are there already, and says in `copied` how it went.
Result<void> copy_groups(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                         Copied& copied);

}  // namespace weir
