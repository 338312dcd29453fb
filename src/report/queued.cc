#include "report/queued.h"

#include <algorithm>

#include "io/table/table_time.h"
#include "stream/keeping.h"
#include "stream/surveying.h"
#include "worker/dead/dead.h"
#include "worker/dead/targets.h"

namespace weir::report {
namespace {

/// To find an entry that somebody holds, at most so many entries that nobody holds are skipped.
constexpr std::uint64_t kMostPassedOver = 1'000;

// A refusal (the stream has just vanished) becomes nothing; any other failure stays one.
template <typename T>
Result<std::optional<T>> unless_refused(Result<T> result) {
  if (result) {
    return std::optional<T>(std::move(*result));
  }
  if (result.error().failure == Failure::refused) {
    return std::optional<T>();
  }
  return tl::unexpected<Error>(std::move(result).error());
}

Result<void> find_first_held(Store& store, const std::string& stream, GroupQueue& group) {
  if (group.pending <= group.released) {
    return {};
  }
  Xpending lowest;
  lowest.stream = stream;
  lowest.group = group.name;
  lowest.count = std::min<std::uint64_t>(group.released, kMostPassedOver) + 1;
  WEIR_ASSIGN(const auto pending, unless_refused(store.run(lowest)));
  if (!pending) {
    return {};
  }
  const auto entry = std::ranges::find_if(pending->entries, [](const PendingEntry& held) { return !held.released; });
  if (entry != pending->entries.end()) {
    group.held = *entry;
  }
  return {};
}

/// The first message may be renewed again and again while the consumer of a later one is gone.
Result<void> find_held_for(Store& store, const std::string& stream, Millis time, GroupQueue& group) {
  if (group.pending <= group.released || (group.held && group.held->idle >= time)) {
    return {};
  }
  WEIR_ASSIGN(const auto summary, unless_refused(store.run(XpendingSummary{stream, group.name})));
  if (!summary) {
    return {};
  }
  for (const PendingSummary::Consumer& consumer : summary->consumers) {
    Xpending look;
    look.stream = stream;
    look.group = group.name;
    look.consumer = consumer.name;
    look.min_idle = time;
    look.count = 1;
    WEIR_ASSIGN(const auto found, unless_refused(store.run(look)));
    if (found && !found->entries.empty() && (!group.held || group.held->idle < found->entries.front().idle)) {
      group.held = found->entries.front();
    }
  }
  return {};
}

Result<void> find_oldest(Store& store, const std::string& stream, GroupQueue& group) {
  if (group.pending > 0) {
    WEIR_ASSIGN(const auto summary, unless_refused(store.run(XpendingSummary{stream, group.name})));
    group.oldest_pending = summary ? summary->first : std::nullopt;
  }
  const auto next = next_id(group.last_delivered);
  if (group.waiting == std::optional<std::uint64_t>(0) || !next) {
    return {};
  }
  WEIR_ASSIGN(const auto undelivered, unless_refused(store.run(Xrange{stream, *next, kMaxId, false, 1})));
  if (undelivered && !undelivered->entries.empty()) {
    group.oldest_waiting = undelivered->entries[0].id;
  } else if (undelivered) {
    group.waiting = 0;  // whatever was deleted or trimmed, nothing is left for the group
  }
  return {};
}

Result<void> find_activity(Store& store, const std::string& stream, GroupQueue& group) {
  if (group.consumers == 0) {
    return {};
  }
  WEIR_ASSIGN(const auto found, unless_refused(store.run(XinfoConsumers{stream, group.name})));
  if (found) {
    for (const ConsumerInfo& consumer : found->consumers) {
      group.asked = group.asked ? std::min(*group.asked, consumer.idle) : consumer.idle;
    }
  }
  return {};
}

GroupQueue group_of(const GroupInfo& info) {
  GroupQueue group;
  group.name = info.name;
  group.consumers = info.consumers;
  group.waiting = info.lag;
  group.pending = info.pending;
  group.released = info.released;
  group.next_due = info.next_due;
  group.paused = info.paused;
  group.last_delivered = info.last_delivered_id;
  return group;
}

}  // namespace

std::optional<std::uint64_t> StreamQueue::waiting() const {
  const bool known = std::ranges::all_of(groups, [](const GroupQueue& group) { return group.waiting.has_value(); });
  return known && !groups.empty() ? std::optional(known_waiting()) : std::nullopt;
}

std::uint64_t StreamQueue::known_waiting() const {
  std::uint64_t all = 0;
  for (const GroupQueue& group : groups) {
    all += group.waiting.value_or(0);
  }
  return all;
}

std::uint64_t StreamQueue::pending() const {
  std::uint64_t all = 0;
  for (const GroupQueue& group : groups) {
    all += group.pending;
  }
  return all;
}

std::uint64_t StreamQueue::released() const {
  std::uint64_t all = 0;
  for (const GroupQueue& group : groups) {
    all += group.released;
  }
  return all;
}

std::optional<Millis> StreamQueue::next_due() const {
  std::optional<Millis> first;
  for (const GroupQueue& group : groups) {
    if (group.next_due && (!first || *group.next_due < *first)) {
      first = group.next_due;
    }
  }
  return first;
}

const PendingEntry* StreamQueue::longest_held() const {
  const PendingEntry* longest = nullptr;
  for (const GroupQueue& group : groups) {
    if (group.held && (longest == nullptr || group.held->idle > longest->idle)) {
      longest = &*group.held;
    }
  }
  return longest;
}

const GroupQueue* StreamQueue::furthest_behind() const {
  const GroupQueue* last = nullptr;
  for (const GroupQueue& group : groups) {
    if (group.oldest() && (last == nullptr || *group.oldest() < *last->oldest())) {
      last = &group;
    }
  }
  return last;
}

namespace {

/// If the stream of some letters has vanished or was renamed, the letters are counted for the stream that holds them.
Result<bool> has_orphans(Store& store, const StreamQueue& queue) {
  if (queue.length == 0 || !queue.name.ends_with(".dead")) {
    return false;
  }
  WEIR_ASSIGN(const auto letter, worker::last_letter(store, queue.name));
  if (!letter) {
    return false;
  }
  WEIR_ASSIGN(const Count there, store.run(Exists{{letter->stream}}));
  WEIR_ASSIGN(const std::string letters, worker::dead_letter_stream(store, letter->stream, ""));
  return there.value == 0 || letters != queue.name;
}

Result<std::uint64_t> count_dead(Store& store, const StreamQueue& queue) {
  WEIR_ASSIGN(const bool orphans, has_orphans(store, queue));
  WEIR_ASSIGN(const std::string letters, worker::dead_letter_stream(store, queue.name, ""));
  WEIR_ASSIGN(const Count dead, store.run(Xlen{letters}));
  return dead.value + (orphans ? queue.length : 0);
}

Result<StreamQueue> with_depth(Store& store, Surveyed surveyed, const Depth& depth) {
  StreamQueue queue;
  queue.name = std::move(surveyed.stream);
  queue.length = surveyed.length;
  queue.added = surveyed.added;
  queue.last_id = surveyed.last_id;
  queue.delayed = surveyed.delayed;
  queue.groups.reserve(surveyed.groups.size());
  for (const GroupInfo& group_info : surveyed.groups) {
    if (group_info.name == worker::kRequeueGroup) {
      continue;  // left by a process that was killed, or still in use: nothing waits there
    }
    GroupQueue group = group_of(group_info);
    if (group.waiting) {
      group.waiting = std::min(*group.waiting, queue.length);  // servers before 8 count trimmed entries too
    }
    if (depth.held) {
      WEIR_TRY(find_first_held(store, queue.name, group));
    }
    for (const Millis time : depth.held_for) {
      WEIR_TRY(find_held_for(store, queue.name, time, group));
    }
    if (depth.oldest) {
      WEIR_TRY(find_oldest(store, queue.name, group));
    }
    if (depth.activity) {
      WEIR_TRY(find_activity(store, queue.name, group));
    }
    queue.groups.push_back(std::move(group));
  }
  if (depth.size) {
    WEIR_ASSIGN(queue.size, unless_refused(store.size(queue.name)));
  }
  if (depth.dead) {
    WEIR_ASSIGN(queue.dead, count_dead(store, queue));
  }
  return queue;
}

Result<std::vector<Surveyed>> survey(Store& store, std::span<const std::string> streams) {
  if (auto* surveying = dynamic_cast<Surveying*>(&store)) {
    return surveying->survey(streams);
  }
  std::vector<Surveyed> found;
  for (const std::string& stream : streams) {
    const auto info = unless_refused(store.run(XinfoStream{stream}));
    WEIR_TRY(info);
    WEIR_ASSIGN(auto groups, unless_refused(store.run(XinfoGroups{stream})));
    if (!*info || !groups) {
      continue;
    }
    WEIR_ASSIGN(const DelayedCount delayed, dynamic_cast<Delaying&>(store).count_delayed(stream));
    found.push_back({stream, (*info)->length, (*info)->entries_added, (*info)->last_generated_id,
                     std::move(groups->groups), delayed});
  }
  return found;
}

}  // namespace

Result<std::vector<StreamQueue>> queues_of(Store& store, std::span<const std::string> streams, const Depth& depth) {
  // While we look at a file, its log cannot be moved, so each look is short.
  constexpr std::size_t kAtOnce = 256;
  std::vector<StreamQueue> queues;
  queues.reserve(streams.size());
  while (!streams.empty()) {
    const auto some = streams.first(std::min(kAtOnce, streams.size()));
    streams = streams.subspan(some.size());
    WEIR_ASSIGN(std::vector<Surveyed> found, survey(store, some));
    for (Surveyed& surveyed : found) {
      WEIR_ASSIGN(StreamQueue queue, with_depth(store, std::move(surveyed), depth));
      queues.push_back(std::move(queue));
    }
  }
  return queues;
}

Result<std::optional<StreamQueue>> queue_of(Store& store, const std::string& stream, const Depth& depth) {
  WEIR_ASSIGN(std::vector<StreamQueue> found, queues_of(store, {&stream, 1}, depth));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<Millis> age_of(Id id, UnixMs now) {
  constexpr Millis kClocksDiffer = std::chrono::minutes(1);
  const auto appended = io::time_of(id);
  if (!appended || *appended > now + kClocksDiffer) {
    return std::nullopt;
  }
  return std::max(Millis(0), now - *appended);
}

Result<bool> keeps_unfinished(Store& store, const std::string& stream) {
  const auto policy = dynamic_cast<Keeping&>(store).kept(stream);
  if (policy) {
    return *policy && (*policy)->acked;
  }
  return policy.error().failure == Failure::refused ? Result<bool>(false) : tl::unexpected<Error>(policy.error());
}

}  // namespace weir::report
