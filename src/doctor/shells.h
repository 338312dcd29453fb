// Checks whether shells complete weir's commands.
#pragma once

#include "doctor/finding.h"

namespace weir::doctor {

/// Tells a finding for each installed shell for which weir has a script. Only reads files, and runs no shell.
void check_shells(const Tell& tell);

}  // namespace weir::doctor
