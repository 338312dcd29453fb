// The versions of weir's parts.
#pragma once

#include <string>

namespace weir::cli {

/// Appends a line for each part: its name and version.
void write_versions(std::string& out);

}  // namespace weir::cli
