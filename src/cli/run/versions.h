// What weir is made of.
#pragma once

#include <string>

namespace weir::cli {

/// A line for each: what it is, and its version.
void write_versions(std::string& out);

}  // namespace weir::cli
