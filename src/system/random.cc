#include "system/random.h"

#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include <fmt/format.h>

#include <chrono>

namespace weir {

std::uint32_t random_number() {
  std::uint32_t number = 0;
  if (getentropy(&number, sizeof number) != 0) {
    constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;
    constexpr int kHalf = 32;
    const auto now = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    number = static_cast<std::uint32_t>(((now ^ static_cast<std::uint64_t>(getpid())) * kSpread) >> kHalf);
  }
  return number;
}

std::string random_name() {
  constexpr int kNumbers = 4;
  std::string name;
  for (int i = 0; i < kNumbers; ++i) {
    name += fmt::format("{:08x}", random_number());
  }
  return name;
}

}  // namespace weir
