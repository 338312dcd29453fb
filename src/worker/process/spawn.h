// Starts a command in a process group of its own, without a terminal, with no signal blocked or ignored.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>
#include <tl/expected.hpp>

namespace weir::worker {

struct Spawn {
  const char* path = nullptr;  ///< the program's file; PATH is not searched
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  int input = -1;
  int output = -1;
  int error = -1;
  std::atomic<pid_t>* place = nullptr;  ///< where the child enters its pid, in shared memory
};

/// Returns the new process, which leads its own group, or the errno of what failed (also of exec). Requires:
/// descriptors 0 to 2 are open and are not among those given. Threads: one, which must outlive the child (on Linux the
/// child dies with that thread); threads of a blocked read of the store have ended by then.
tl::expected<pid_t, int> spawn(const Spawn& request);

/// Why no program of a name was found.
enum class NoProgram { missing, folder, not_a_file, not_executable };

/// Finds a command as a shell would: by PATH, unless its name has a slash. In PATH only executable files count: a
/// folder or any other file there is `missing`.
tl::expected<std::string, NoProgram> find_program(const std::string& name);

}  // namespace weir::worker
