#include "system/lock_holder.h"

#include <fmt/format.h>

namespace weir {

std::string LockHolder::text() const {
  return fmt::format("{}process {} ({})", stopped ? "the stopped " : "", pid, name);
}

std::string LockHolder::hint() const {
  return stopped ? fmt::format("kill -CONT {0} lets it go on, kill -KILL {0} ends it", pid) : std::string();
}

}  // namespace weir
