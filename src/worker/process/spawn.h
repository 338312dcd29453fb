// Starts a command in a process group of its own, without a terminal, with no signal blocked or ignored.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>
#include <tl/expected.hpp>

namespace weir::worker {

struct Spawn {
  const char* path = nullptr;  ///< of the program; PATH is not searched
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  int input = -1;
  int output = -1;
  int error = -1;
  std::atomic<pid_t>* place = nullptr;  ///< where the child enters itself, in memory that is shared
};

/// The process, which leads its group; or the errno of what failed, exec included.
/// Requires: descriptors 0 to 2 are open and are not among those given. Threads: one, which outlives the child (on
/// Linux the child dies with it); those that a blocked read of the store has while it waits are gone by then.
tl::expected<pid_t, int> spawn(const Spawn& request);

/// Why there is no program of a name.
enum class NoProgram { missing, folder, not_a_file, not_executable };

/// Finds a command as a shell would: by PATH, unless it has a slash. PATH is gone through for programs only: what it
/// has besides is missing.
tl::expected<std::string, NoProgram> find_program(const std::string& name);

}  // namespace weir::worker
