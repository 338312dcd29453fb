#include "cli/suggest.h"

#include <algorithm>

#include "util/words.h"

namespace weir {

std::optional<std::string_view> suggest(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string given = lower(word);
  std::size_t best = std::max<std::size_t>(1, given.size() / 3) + 1;
  std::optional<std::string_view> closest;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(given, candidate);
    if (distance < best) {
      best = distance;
      closest = candidate;
    }
  }
  return closest;
}

}  // namespace weir
