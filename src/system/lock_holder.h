// Finds the process that holds a lock, for an error message. One implementation for each system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir {

struct LockHolder {
  long pid = 0;
  std::string name;      ///< the program's name; plain characters only
  bool stopped = false;  ///< stopped by Ctrl-Z, SIGSTOP or a debugger

  /// "process 4711 (sqlite3)", "the stopped process 4711 (weir)"
  std::string text() const;
  /// What the user can do about a stopped holder; empty if it is not stopped.
  std::string hint() const;
};

/// The process that holds an exclusive lock on `byte` of the file at `path`; nothing if the system does not tell (of
/// another user's process, for example). Slow: reads all of /proc. Threads: any.
std::optional<LockHolder> lock_holder(const std::string& path, std::int64_t byte);

}  // namespace weir
