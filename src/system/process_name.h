// A name that no other running process has.
#pragma once

#include <string>

namespace weir {

/// Host and process, such as "db1-4711". Where process IDs are not the system's own, as in a container, eight digits of
/// chance follow, others at each call. In a forked child it is another. Threads: any.
std::string process_name();

}  // namespace weir
