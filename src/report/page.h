// `weir report`: a page about what is queued and what was done.
#pragma once

#include <string>

#include "report/activity.h"

namespace weir::report {

/// Appends one self-contained page: without scripts, without addresses, and with nothing that foreign text could turn
/// into one.
void write_page(std::string& out, const Activity& activity, UnixMs now);

}  // namespace weir::report
