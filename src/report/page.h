// `weir report`: a page about what is queued and what was done.
#pragma once

#include <string>

#include "report/activity.h"

namespace weir::report {

/// One self-contained page: no script, no address, and nothing that words of others could become.
void write_page(std::string& out, const Activity& activity, UnixMs now);

}  // namespace weir::report
