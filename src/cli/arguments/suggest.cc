#include "cli/arguments/suggest.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "text/words.h"

namespace weir::cli {

namespace {

std::string_view without_dashes(std::string_view name) {
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

bool has_part(std::string_view name, std::string_view part) {
  while (!name.empty()) {
    const std::size_t end = name.find_first_of("- ");
    if (name.substr(0, end) == part) {
      return true;
    }
    name.remove_prefix(end == std::string_view::npos ? name.size() : end + 1);
  }
  return false;
}

// "a, b or c", each name once; nothing if there are many names: then the list of all is easier to read.
std::string listed(std::vector<std::string_view> names) {
  constexpr std::size_t kMost = 3;
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string text;
  for (std::size_t i = 0; i < names.size() && names.size() <= kMost; ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

template <typename Fits>
std::string those_that(std::span<const std::string_view> candidates, Fits&& fits) {
  std::vector<std::string_view> found;
  std::ranges::copy_if(candidates, std::back_inserter(found), fits);
  return listed(std::move(found));
}

// One of four characters may be wrong; with more mistakes it is another word.
std::string of_a_slip(std::string_view given, std::span<const std::string_view> candidates) {
  std::size_t best = given.size() < 2 ? 1 : std::max<std::size_t>(1, given.size() / 4) + 1;
  std::string_view closest;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(given, without_dashes(candidate));
    if (!candidate.empty() && distance < best) {
      best = distance;
      closest = candidate;
    }
  }
  return std::string(closest);
}

}  // namespace

std::string suggest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t kTells = 3;  // with fewer characters, too many names begin the same way
  const std::string given = lower(without_dashes(word));
  std::string found;
  if (given.size() >= kTells) {
    found = those_that(candidates, [&](std::string_view name) { return without_dashes(name).starts_with(given); });
    if (found.empty()) {
      found = those_that(candidates, [&](std::string_view name) { return has_part(name, given); });
    }
  }
  return found.empty() ? of_a_slip(given, candidates) : found;
}

std::optional<std::string_view> suggest_for_habit(std::string_view word) {
  constexpr auto kHabits = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"append", "xadd"},
      {"enqueue", "xadd"},
      {"import", "xadd"},
      {"load", "xadd"},
      {"lpush", "xadd"},
      {"publish", "xadd"},
      {"push", "xadd"},
      {"put", "xadd"},
      {"rpush", "xadd"},
      {"send", "xadd"},
      {"set", "xadd"},
      {"schedule", "xadd --at"},
      {"cat", "xrange"},
      {"export", "xrange"},
      {"get", "xrange"},
      {"head", "xrange"},
      {"peek", "xrange"},
      {"print", "xrange"},
      {"show", "xrange"},
      {"subscribe", "xread --follow"},
      {"follow", "tail -f"},
      {"blpop", "xreadgroup"},
      {"brpop", "xreadgroup"},
      {"consume", "xreadgroup"},
      {"dequeue", "xreadgroup"},
      {"lpop", "xreadgroup"},
      {"pop", "xreadgroup"},
      {"rpop", "xreadgroup"},
      {"take", "xreadgroup"},
      {"run", "work"},
      {"worker", "work"},
      {"fail", "nack"},
      {"reject", "nack"},
      {"dlq", "dead ls"},
      {"retry", "dead requeue"},
      {"list", "ls"},
      {"queues", "ls"},
      {"stats", "ls"},
      {"status", "ls"},
      {"streams", "ls"},
      {"watch", "top"},
      {"count", "xlen"},
      {"size", "xlen"},
      {"delete", "del"},
      {"drop", "del"},
      {"remove", "del"},
      {"rm", "del"},
      {"move", "copy"},
      {"vacuum", "compact"},
      {"groups", "info groups"},
      {"consumers", "info consumers"},
      {"version", "--version"},
  });
  const auto* const habit =
      std::find_if(kHabits.begin(), kHabits.end(), [&](const auto& h) { return same_word(h.first, word); });
  return habit == kHabits.end() ? std::nullopt : std::optional(habit->second);
}

std::optional<std::string_view> suggest_option_for_habit(std::string_view option,
                                                         std::span<const std::string_view> options) {
  constexpr auto kHabits = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"attempts", "--max-deliveries"},
      {"max-attempts", "--max-deliveries"},
      {"max-retries", "--max-deliveries"},
      {"retries", "--max-deliveries"},
      {"tries", "--max-deliveries"},
      {"concurrency", "--jobs"},
      {"parallel", "--jobs"},
      {"threads", "--jobs"},
      {"workers", "--jobs"},
      {"name", "--consumer"},
      {"worker", "--consumer"},
      {"dlq", "--dead-letter"},
      {"delay", "--in"},
      {"idempotency-key", "--once"},
      {"ttl", "--maxage"},
      {"limit", "--count"},
      {"database", "--db"},
      {"host", "--db"},
      {"url", "--db"},
      {"format", "--output"},
  });
  const std::string_view name = without_dashes(option);
  const auto* const habit = std::find_if(kHabits.begin(), kHabits.end(), [&](const auto& h) {
    return same_word(h.first, name) && std::ranges::find(options, h.second) != options.end();
  });
  return habit == kHabits.end() ? std::nullopt : std::optional(habit->second);
}

}  // namespace weir::cli
