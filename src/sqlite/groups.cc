// XGROUP, XACK, XPENDING.
#include <algorithm>

#include "sqlite/refusals.h"
#include "sqlite/sqlite_engine.h"
#include "util/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kMakeGroup =
    "INSERT INTO weir_groups(stream, name, last_ms, last_seq, next, entries_read, grp) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kHasGroup = "SELECT 1 FROM weir_groups WHERE grp = ?";
constexpr const char* kMakeConsumer =
    "INSERT INTO weir_consumers(grp, name, seen_ms) VALUES (?, ?, ?) ON CONFLICT(grp, name) DO NOTHING RETURNING 1";
constexpr const char* kDropConsumerPending = "DELETE FROM weir_pending WHERE consumer = ?";
constexpr const char* kDropConsumer = "DELETE FROM weir_consumers WHERE consumer = ?";
constexpr const char* kAcknowledge = "DELETE FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ? RETURNING consumer";
constexpr const char* kAcknowledgeOwn =
    "DELETE FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ? AND consumer = ? RETURNING consumer";
constexpr const char* kIsPending = "SELECT consumer FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kFirstPending = "SELECT ms, seq FROM weir_pending WHERE grp = ? ORDER BY ms, seq LIMIT 1";
constexpr const char* kLastPending =
    "SELECT ms, seq FROM weir_pending WHERE grp = ? ORDER BY ms DESC, seq DESC LIMIT 1";
constexpr const char* kPendingConsumers =
    "SELECT name, pending FROM weir_consumers WHERE grp = ? AND pending > 0 ORDER BY CAST(name AS BLOB)";
constexpr const char* kPending =
    "SELECT p.ms, p.seq, c.name, p.delivered_ms, p.deliveries, p.due_ms FROM weir_pending p "
    "LEFT JOIN weir_consumers c USING (consumer) "
    "WHERE p.grp = ? AND (p.ms, p.seq) >= (?, ?) AND (p.ms, p.seq) <= (?, ?) ORDER BY p.ms, p.seq";
constexpr const char* kPendingOfConsumer =
    "SELECT p.ms, p.seq, c.name, p.delivered_ms, p.deliveries, NULL FROM weir_consumers c CROSS JOIN weir_pending p "
    "USING "
    "(consumer) "
    "WHERE c.grp = ? AND c.name = ? AND (p.ms, p.seq) >= (?, ?) AND (p.ms, p.seq) <= (?, ?) ORDER BY p.ms, p.seq";

constexpr const char* kNeedsKey =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option "
    "to create an empty stream automatically.";

std::optional<std::int64_t> signed_count(std::optional<std::uint64_t> count) {
  return count ? std::optional(static_cast<std::int64_t>(*count)) : std::nullopt;
}

}  // namespace

Result<XgroupCreate::Reply> SqliteEngine::run(const XgroupCreate& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  auto stream = find_stream(request.stream);
  if (!stream) {
    if (!request.make_stream) {
      return db_.refuse(kNeedsKey);
    }
    stream = make_stream(request.stream);
  }
  if (find_group(*stream, request.group)) {
    if (!request.if_absent) {
      return db_.refuse("BUSYGROUP Consumer Group name already exists");
    }
    return Ok();
  }
  std::optional<std::int64_t> number;  // nothing: a new one
  if (const auto before = groups_before_.find({request.stream, request.group}); before != groups_before_.end()) {
    Query query = db_.query(kHasGroup);
    number = query.bind(before->second).next() ? std::nullopt : std::optional(before->second);
  }
  const Id last = request.start.value_or(stream->last);
  db_.query(kMakeGroup)
      .bind(stream->number)
      .bind_name(request.group)
      .bind(last)
      .bind(upper_bound(*stream, last))
      .bind(signed_count(request.entries_read))
      .bind(number)
      .run();
  WEIR_TRY(transaction.commit());
  return Ok();
}

Result<StreamAndGroup> SqliteEngine::group_to_change(const std::string& stream_name, const std::string& group_name) {
  const auto stream = find_stream(stream_name);
  if (!stream) {
    return db_.refuse(kNeedsKey);
  }
  const auto group = find_group(*stream, group_name);
  if (!group) {
    return db_.refuse(no_group_for_key(stream_name, group_name));
  }
  return StreamAndGroup{*stream, *group};
}

Result<XgroupSetid::Reply> SqliteEngine::run(const XgroupSetid& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  WEIR_ASSIGN(StreamAndGroup at, group_to_change(request.stream, request.group));
  at.group.last = request.start.value_or(at.stream.last);
  at.group.next = upper_bound(at.stream, at.group.last);
  at.group.entries_read = signed_count(request.entries_read);
  save_group(at.group);
  WEIR_TRY(transaction.commit());
  return Ok();
}

Result<XgroupDestroy::Reply> SqliteEngine::run(const XgroupDestroy& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  const auto stream = find_stream(request.stream);
  if (!stream) {
    return db_.refuse(kNeedsKey);
  }
  const auto group = find_group(*stream, request.group);
  if (group) {
    delete_group(group->number);
  }
  WEIR_TRY(transaction.commit());
  return Count{group ? 1U : 0U};
}

Result<XgroupCreateConsumer::Reply> SqliteEngine::run(const XgroupCreateConsumer& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  WEIR_ASSIGN(const StreamAndGroup at, group_to_change(request.stream, request.group));
  bool made = false;
  {
    Query query = db_.query(kMakeConsumer);
    made = query.bind(at.group.number).bind_name(request.consumer).bind(unix_now().count()).next();
    query.run();
  }
  WEIR_TRY(transaction.commit());
  return Count{made ? 1U : 0U};
}

Result<XgroupDelConsumer::Reply> SqliteEngine::run(const XgroupDelConsumer& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  WEIR_ASSIGN(const StreamAndGroup at, group_to_change(request.stream, request.group));
  const auto consumer = find_consumer(at.group, request.consumer);
  if (consumer && request.only_if_nothing_pending && consumer->pending > 0) {
    return Count{0};
  }
  if (consumer) {
    db_.query(kDropConsumerPending).bind(consumer->number).run();
    db_.query(kDropConsumer).bind(consumer->number).run();
  }
  WEIR_TRY(transaction.commit());
  return Count{consumer ? static_cast<std::uint64_t>(consumer->pending) : 0};
}

Result<Xack::Reply> SqliteEngine::run(const Xack& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  Count acknowledged;
  const auto at = find_stream_and_group(request.stream, request.group);
  const auto found_owner = at && request.owner ? find_consumer(at->group, *request.owner) : std::nullopt;
  const std::int64_t owner = found_owner ? found_owner->number : 0;  // 0: no consumer has this number
  const bool possible = at && (!request.owner || owner != 0);
  if (request.all_or_none) {
    // Before anything is done: inside a transaction of many a refusal must leave nothing of its own.
    for (const Id id : request.ids) {
      Query query = db_.query(kIsPending);
      const bool pending = possible && query.bind(at->group.number).bind(id).next();
      if (!pending || (owner != 0 && query.integer(0) != owner)) {
        return db_.refuse("NOTOWNED " + to_string(id) + " is no longer pending" +
                          (request.owner ? " for consumer '" + *request.owner + "'" : std::string()));
      }
    }
  }
  if (possible) {
    // Consecutive entries mostly belong to the same consumer: its count is written once for all of them.
    std::optional<std::int64_t> consumer;
    std::int64_t of_consumer = 0;
    {
      Query query = db_.query(owner != 0 ? kAcknowledgeOwn : kAcknowledge);
      for (const Id id : request.ids) {
        query.bind(at->group.number).bind(id);
        if (owner != 0) {
          query.bind(owner);
        }
        if (query.next()) {
          const auto of = query.maybe_integer(0);
          if (of != consumer) {
            add_pending(at->group.number, consumer, -of_consumer);
            consumer = of;
            of_consumer = 0;
          }
          ++of_consumer;
          ++acknowledged.value;
          query.run();
        }
        query.again();
      }
    }
    add_pending(at->group.number, consumer, -of_consumer);
  }
  WEIR_TRY(transaction.commit());
  return acknowledged;
}

Result<XpendingSummary::Reply> SqliteEngine::run(const XpendingSummary& request) {
  const ReadTransaction transaction(*this);
  const auto at = find_stream_and_group(request.stream, request.group);
  if (!at) {
    return db_.refuse(no_key_or_group(request.stream, request.group));
  }
  PendingSummary summary;
  Query consumers = db_.query(kPendingConsumers);
  consumers.bind(at->group.number);
  while (consumers.next()) {
    summary.consumers.push_back({std::string(consumers.bytes(0)), static_cast<std::uint64_t>(consumers.integer(1))});
    summary.count += summary.consumers.back().pending;
  }
  summary.released = released_count(at->group);
  summary.count += summary.released;
  if (Query first = db_.query(kFirstPending); first.bind(at->group.number).next()) {
    summary.first = first.id(0);
  }
  if (Query last = db_.query(kLastPending); last.bind(at->group.number).next()) {
    summary.last = last.id(0);
  }
  return checked(db_, std::move(summary));
}

Result<Xpending::Reply> SqliteEngine::run(const Xpending& request) {
  if (request.released) {
    return list_released(request);
  }
  PendingEntries reply;
  const UnixMs now = unix_now();
  std::vector<std::pair<Id, UnixMs>> ahead;  // delivered in the future: the clock stepped back
  std::optional<StreamAndGroup> at;
  {
    const ReadTransaction transaction(*this);
    at = find_stream_and_group(request.stream, request.group);
    if (!at) {
      return db_.refuse(no_key_or_group(request.stream, request.group));
    }
    Query query = db_.query(request.consumer ? kPendingOfConsumer : kPending);
    query.bind(at->group.number);
    if (request.consumer) {
      query.bind_name(*request.consumer);
    }
    query.bind(request.first).bind(request.last);
    std::optional<Id> before;
    while (reply.entries.size() < request.count && query.next() &&
           follows(before, query.id(0), {request.first, request.last})) {
      PendingEntry entry{
          query.id(0), std::string(query.bytes(2)), {}, static_cast<std::uint64_t>(query.integer(4)), {}};
      const UnixMs since(query.integer(3));
      if (const auto due = query.maybe_integer(5)) {
        entry.released = wait_of(since, UnixMs(*due), now);
      } else {
        entry.idle = std::max(now - since, Millis(0));
        if (since > now) {
          ahead.emplace_back(entry.id, since);
        }
      }
      // One that was released may be taken by whoever asks for idle ones, once it is due.
      if (entry.released ? request.min_idle == Millis(0) || entry.released->left == Millis(0)
                         : entry.idle >= request.min_idle) {
        reply.entries.push_back(std::move(entry));
      }
    }
  }
  if (!ahead.empty() && request.min_idle > Millis(0) && options_.access == Access::make && !db_.failed()) {
    // Who looks for idle ones in order to take them would otherwise wait for as long as the clock stepped back.
    WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
    for (const auto& [id, delivered] : ahead) {
      idle_since(at->group, id, delivered, now);
    }
    WEIR_TRY(transaction.commit());
  }
  return checked(db_, std::move(reply));
}

}  // namespace weir::sqlite
