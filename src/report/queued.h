// What is queued: the figures of streams and their groups that ls, check, metrics, report and top show.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stream/delaying.h"
#include "stream/store.h"

namespace weir::report {

/// What is asked for beyond XINFO STREAM and XINFO GROUPS. Each costs requests of its own.
struct Depth {
  bool held = false;      ///< GroupQueue::longest_held: one for each group that holds something
  bool oldest = false;    ///< oldest_pending and oldest_waiting: up to two for each group
  bool activity = false;  ///< GroupQueue::asked: one for each group that has consumers
  bool size = false;      ///< StreamQueue::size
  bool dead = false;      ///< StreamQueue::dead: one for each stream
};

struct GroupQueue {
  std::string name;
  std::uint64_t consumers = 0;
  std::optional<std::uint64_t> waiting;  ///< what it has not been given; nothing: that is not known
  std::uint64_t pending = 0;             ///< what it has been given and has not acknowledged
  std::uint64_t released = 0;            ///< how many of `pending` nobody holds
  std::optional<Millis> next_due;        ///< until the first of those may be given to somebody
  std::optional<Pause> paused;
  Id last_delivered;
  std::optional<PendingEntry> longest_held;  ///< of what somebody holds the one with the lowest ID
  std::optional<Id> oldest_pending;          ///< the lowest ID that it has not acknowledged
  std::optional<Id> oldest_waiting;          ///< the first entry that it has not been given
  std::optional<Millis> asked;  ///< how long ago a consumer last asked for something; nothing: none is known

  /// What it has been given and has not acknowledged, or else has not been given: nothing before that is of its
  /// concern. Nothing: it is done with all there is.
  std::optional<Id> oldest() const { return oldest_pending ? oldest_pending : oldest_waiting; }
};

struct StreamQueue {
  std::string name;
  std::uint64_t length = 0;
  std::uint64_t added = 0;  ///< ever
  Id last_id;
  std::vector<GroupQueue> groups;
  DelayedCount delayed;               ///< what is still to be appended
  std::optional<std::uint64_t> size;  ///< bytes
  std::uint64_t dead = 0;  ///< its dead letters, in the stream that takes them unless a worker is told another;
                           ///< of STREAM.dead where STREAM is gone, all that it has
  std::optional<std::string> stuck;  ///< why, where that was asked: see stuck.h

  /// Of all groups together; nothing if there is no group, or if one does not know.
  std::optional<std::uint64_t> waiting() const;
  /// Of those groups that know.
  std::uint64_t known_waiting() const;
  std::uint64_t pending() const;
  std::uint64_t released() const;
  std::optional<Millis> next_due() const;
  /// Of what the groups hold the one that is longest idle, or null.
  const PendingEntry* longest_held() const;
  /// The group that has the oldest message still to be given or acknowledged, and so holds up what `keep --acked` lets
  /// go; null: none has any.
  const GroupQueue* furthest_behind() const;
};

/// Nothing if there is no such stream (any more).
Result<std::optional<StreamQueue>> queue_of(Store& store, const std::string& stream, const Depth& depth);

/// The same of those of many streams that there are.
Result<std::vector<StreamQueue>> queues_of(Store& store, std::span<const std::string> streams, const Depth& depth);

/// Whether its policy keeps what a group has not been given and acknowledged (`keep --acked`).
Result<bool> keeps_unfinished(Store& store, const std::string& stream);

/// How long ago a message was appended, by the time in its ID; nothing where that is plainly none, as in 1-1, or
/// further ahead than clocks differ: the clock was wrong then, and later messages have the same time.
std::optional<Millis> age_of(Id id, UnixMs now);

}  // namespace weir::report
