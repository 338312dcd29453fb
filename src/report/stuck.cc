#include "report/stuck.h"

#include "io/table/table_time.h"

namespace weir::report {
namespace {

std::string some(std::uint64_t count, const char* what) {
  return std::to_string(count) + " " + what;
}

/// What the group could be given now, in words.
std::string what_waits(const GroupQueue& group) {
  if (group.waiting != std::optional<std::uint64_t>(0)) {
    return group.waiting ? some(*group.waiting, "waiting") : "some waiting";
  }
  return some(group.released, "to be tried again");
}

bool has_work(const GroupQueue& group) {
  const bool waits = group.waiting.value_or(0) > 0 || (!group.waiting && group.oldest_waiting);
  const bool due = group.released > 0 && group.next_due && group.next_due->count() <= 0;
  return waits || due;
}

/// Whether messages have waited for `after`, or for an unknown time. The store does not note since when any have
/// waited, so the age of the oldest one has to tell.
bool is_old(const GroupQueue& group, Millis after, UnixMs now) {
  const auto oldest = group.oldest();
  const auto age = oldest ? age_of(*oldest, now) : std::nullopt;
  return !age || *age >= after;
}

}  // namespace

std::optional<std::string> why_stuck(const GroupQueue& group, Millis after, UnixMs now) {
  if (group.paused && has_work(group)) {
    return "paused, " + what_waits(group);
  }
  if (has_work(group) && is_old(group, after, now) && (!group.asked || *group.asked >= after)) {
    // When a worker ends, its consumer is removed. So without consumers, one may have asked a moment ago.
    return what_waits(group) +
           (group.asked ? ", nobody has asked for " + io::age_text(*group.asked) : ", and it has no consumer now");
  }
  if (group.held && group.held->idle >= after) {
    return group.held->consumer + " has held " + to_string(group.held->id) + " for " + io::age_text(group.held->idle);
  }
  return std::nullopt;
}

std::optional<std::string> why_stuck(const StreamQueue& stream, Millis after, UnixMs now) {
  std::optional<std::string> named;
  bool is_paused = false;
  std::size_t stuck = 0;
  for (const GroupQueue& group : stream.groups) {
    const auto why = why_stuck(group, after, now);
    if (!why) {
      continue;
    }
    ++stuck;
    if (!named || (is_paused && !group.paused)) {
      named = group.name + ": " + *why;
      is_paused = group.paused.has_value();
    }
  }
  if (stuck > 1) {
    *named += "; and " + some(stuck - 1, stuck == 2 ? "more group" : "more groups");
  }
  return named;
}

}  // namespace weir::report
