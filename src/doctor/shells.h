// Whether shells complete weir's commands.
#pragma once

#include "doctor/finding.h"

namespace weir::doctor {

/// A finding for each shell that is installed and that weir has a script for. Files are looked at, no shell is run.
void check_shells(const Tell& tell);

}  // namespace weir::doctor
