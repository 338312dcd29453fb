#include "system/process_name.h"

#include <unistd.h>

#include <array>

namespace weir {

std::string process_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + "-" + std::to_string(getpid());
}

}  // namespace weir
