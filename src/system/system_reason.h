// Explains a system error in words that say what to look at.
#pragma once

#include <string>

namespace weir {

/// The meaning of an errno for the program's user. Limits are named; other errors read as strerror puts them.
/// Threads: any.
std::string system_reason(int code);

}  // namespace weir
