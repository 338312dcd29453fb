// A name that no other running process has.
#pragma once

#include <string>

namespace weir {

/// Host and process ID, such as "db1-4711". In a container or another PID namespace, where IDs repeat, eight random
/// digits follow, new ones at each call. A forked child has another name. Threads: any.
std::string process_name();

}  // namespace weir
