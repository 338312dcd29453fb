// Why the system refused something, in words that say what to look at.
#pragma once

#include <string>

namespace weir {

/// What an errno means to somebody who runs a program: the limits by their names, the rest as strerror has it.
/// Threads: any.
std::string system_reason(int code);

}  // namespace weir
