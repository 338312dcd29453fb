// A file without a name, to try things on.
#pragma once

#include <string>

#include "system/fd.h"

namespace weir::doctor {

/// Opened twice, as two processes would. Whatever becomes of this process, nothing of it stays.
struct Scratch {
  Fd one;
  Fd two;
};

/// Without one: errno says why.
Scratch open_scratch(const std::string& folder);

}  // namespace weir::doctor
