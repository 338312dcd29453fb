// Catch2's header under either of its major versions.
#pragma once
#ifdef WEIR_CATCH2_V3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
namespace Catch::Matchers {
/// As Catch2 3 calls it: its `Contains` is about ranges.
inline auto ContainsSubstring(const std::string& text) {
  return Contains(text);
}
}  // namespace Catch::Matchers
#endif
