#include "cli/arguments/suggest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "text/words.h"

namespace weir::cli {

std::optional<std::string_view> suggest(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string given = lower(word);
  std::size_t best = std::max<std::size_t>(1, given.size() / 3) + 1;
  std::optional<std::string_view> closest;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty()) {
      continue;
    }
    const std::size_t distance = edit_distance(given, candidate);
    if (distance < best) {
      best = distance;
      closest = candidate;
    }
  }
  return closest;
}

std::optional<std::string_view> suggest_for_habit(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 35> kHabits{{
      {"append", "xadd"},
      {"enqueue", "xadd"},
      {"lpush", "xadd"},
      {"publish", "xadd"},
      {"push", "xadd"},
      {"put", "xadd"},
      {"rpush", "xadd"},
      {"send", "xadd"},
      {"set", "xadd"},
      {"cat", "xrange"},
      {"get", "xrange"},
      {"print", "xrange"},
      {"show", "xrange"},
      {"blpop", "xreadgroup"},
      {"brpop", "xreadgroup"},
      {"consume", "xreadgroup"},
      {"dequeue", "xreadgroup"},
      {"lpop", "xreadgroup"},
      {"pop", "xreadgroup"},
      {"rpop", "xreadgroup"},
      {"take", "xreadgroup"},
      {"run", "work"},
      {"list", "ls"},
      {"queues", "ls"},
      {"stats", "ls"},
      {"status", "ls"},
      {"streams", "ls"},
      {"count", "xlen"},
      {"size", "xlen"},
      {"delete", "del"},
      {"remove", "del"},
      {"rm", "del"},
      {"groups", "info groups"},
      {"consumers", "info consumers"},
      {"version", "--version"},
  }};
  const auto* const habit =
      std::find_if(kHabits.begin(), kHabits.end(), [&](const auto& h) { return same_word(h.first, word); });
  return habit == kHabits.end() ? std::nullopt : std::optional(habit->second);
}

}  // namespace weir::cli
