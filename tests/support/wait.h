// Waits until a condition is true, so that no test sleeps and hopes.
#pragma once

#include <chrono>
#include <thread>

namespace weir::test {

/// Whether it comes true within a time that only a wrong answer takes.
template <typename Condition>
bool soon(Condition condition, std::chrono::seconds limit = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace weir::test
