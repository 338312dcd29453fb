// Who holds a lock, for an error message. One implementation for each system.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

/// "process 4711 (sqlite3)" for a process that holds an exclusive lock on `byte` of the file at `path`, or
/// nothing where the system does not tell (another user's process, for one). Slow: it reads all of /proc.
std::string lock_holder(const std::string& path, std::int64_t byte);

}  // namespace weir
