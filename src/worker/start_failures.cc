#include "worker/start_failures.h"

#include <algorithm>

namespace weir::worker {

std::optional<std::string> StartFailures::failed(const std::string& reason, std::size_t running, SteadyTime now) {
  last_ = now;
  most_beside_ = std::max(most_beside_, running);
  return ++count_ == 1 ? std::optional("weir: " + reason + "; trying again") : std::nullopt;
}

std::optional<std::string> StartFailures::started(std::size_t running, SteadyTime now) {
  constexpr std::chrono::seconds kQuiet{10};
  if (count_ == 0 || (running <= most_beside_ && now - last_ < kQuiet)) {
    return std::nullopt;
  }
  std::string line = "weir: commands are started again, after " + std::to_string(count_) +
                     (count_ == 1 ? " attempt that failed" : " attempts that failed");
  *this = {};
  return line;
}

}  // namespace weir::worker
