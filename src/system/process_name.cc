#include "system/process_name.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "system/random.h"

namespace weir {
namespace {

/// Whether this process has its ID in a PID namespace, such as a container's, each of which begins to count at 1. If
/// that cannot be seen, the IDs are taken for the system's own.
bool has_own_process_ids() {
  constexpr ino_t kOfTheSystem = 0xEFFFFFFC;  // Linux: PROC_PID_INIT_INO
  struct stat found {};
  return stat("/proc/self/ns/pid", &found) == 0 && found.st_ino != kOfTheSystem;
}

}  // namespace

std::string process_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  std::string name = fmt::format("{}-{}", host.data(), getpid());
  // The number of the namespace would not be enough: another machine that uses the same server may have the same
  // number.
  return has_own_process_ids() ? name + fmt::format("-{:08x}", random_number()) : name;
}

}  // namespace weir
