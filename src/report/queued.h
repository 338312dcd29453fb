// What is queued: the figures of streams and their groups which ls, check, metrics, report and top show.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stream/delaying.h"
#include "stream/store.h"

namespace weir::report {

/// Figures beyond XINFO STREAM and XINFO GROUPS. Each needs requests of its own.
struct Depth {
  bool held = false;  ///< GroupQueue::held: one request for each group that holds something
  /// With `held`: if that message was not held for so long, one is looked for that was; the longest time comes first. A
  /// request for each consumer that holds something, for which a server looks at all that the consumer holds.
  std::vector<Millis> held_for = {};
  bool oldest = false;    ///< oldest_pending and oldest_waiting: up to two requests for each group
  bool activity = false;  ///< GroupQueue::asked: one request for each group that has consumers
  bool size = false;      ///< StreamQueue::size
  bool dead = false;      ///< StreamQueue::dead: one request for each stream
};

struct GroupQueue {
  std::string name;
  std::uint64_t consumers = 0;
  std::optional<std::uint64_t> waiting;  ///< messages not given to the group yet; nothing: not known
  std::uint64_t pending = 0;             ///< messages given to the group and not acknowledged
  std::uint64_t released = 0;            ///< how many of `pending` are held by nobody
  std::optional<Millis> next_due;        ///< until the first of `released` may be delivered
  std::optional<Pause> paused;
  Id last_delivered;
  std::optional<PendingEntry> held;  ///< the held message with the lowest ID, unless Depth::held_for finds one
  std::optional<Id> oldest_pending;  ///< the lowest ID that is not acknowledged
  std::optional<Id> oldest_waiting;  ///< the first entry not given to the group
  std::optional<Millis> asked;       ///< how long ago a consumer last asked for messages; nothing: not known

  /// The oldest message that the group has not acknowledged or was not given yet; older messages do not concern the
  /// group. Nothing: the group is done with all messages.
  std::optional<Id> oldest() const { return oldest_pending ? oldest_pending : oldest_waiting; }
};

struct StreamQueue {
  std::string name;
  std::uint64_t length = 0;
  std::uint64_t added = 0;  ///< since the stream was made
  Id last_id;
  std::vector<GroupQueue> groups;     ///< without the one that `weir dead requeue` uses
  DelayedCount delayed;               ///< messages still to be appended
  std::optional<std::uint64_t> size;  ///< in bytes
  std::uint64_t dead = 0;             ///< dead letters in the stream that takes them by default;
                                      ///< in STREAM.dead whose STREAM is gone, its own entries count, too
  std::optional<std::string> stuck;   ///< why the stream is stuck, if that was asked: see stuck.h

  /// The sum for all groups; nothing: there is no group, or one does not know.
  std::optional<std::uint64_t> waiting() const;
  /// The sum for the groups that know.
  std::uint64_t known_waiting() const;
  std::uint64_t pending() const;
  std::uint64_t released() const;
  std::optional<Millis> next_due() const;
  /// Of the messages that groups hold, the one that is idle longest; null: none.
  const PendingEntry* longest_held() const;
  /// The group with the oldest message still to be given or acknowledged. This group keeps messages from being removed
  /// under `keep --acked`. Null: no group has such a message.
  const GroupQueue* furthest_behind() const;
};

/// Nothing: the stream does not exist (any more).
Result<std::optional<StreamQueue>> queue_of(Store& store, const std::string& stream, const Depth& depth);

/// The queues of those of many streams that exist.
Result<std::vector<StreamQueue>> queues_of(Store& store, std::span<const std::string> streams, const Depth& depth);

/// Whether the stream's policy keeps messages that a group was not given or has not acknowledged (`keep --acked`).
Result<bool> keeps_unfinished(Store& store, const std::string& stream);

/// How long ago a message was appended, by the time in its ID. Nothing: the ID clearly has no time, as 1-1; or its time
/// is further ahead than clocks differ. In that case the clock was wrong, and later messages have the same time.
std::optional<Millis> age_of(Id id, UnixMs now);

}  // namespace weir::report
