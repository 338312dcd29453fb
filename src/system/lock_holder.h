// Who holds a lock, for an error message. One implementation for each system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir {

struct LockHolder {
  long pid = 0;
  std::string name;      ///< of the program; plain characters only
  bool stopped = false;  ///< by Ctrl-Z, SIGSTOP or a debugger

  /// "process 4711 (sqlite3)", "the stopped process 4711 (weir)"
  std::string text() const;
  /// What to do about it, or nothing.
  std::string hint() const;
};

/// Who holds an exclusive lock on `byte` of the file at `path`; nothing where the system does not tell (another
/// user's process, for one). Slow: it reads all of /proc. Threads: any.
std::optional<LockHolder> lock_holder(const std::string& path, std::int64_t byte);

}  // namespace weir
