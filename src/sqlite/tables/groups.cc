// XGROUP and XACK.
#include <algorithm>
#include <array>
#include <span>

#include "sqlite/tables/pending.h"
#include "sqlite/tables/refusals.h"
#include "sqlite/tables/serial.h"
#include "sqlite/tables/tables.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kNeedsKey =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option "
    "to create an empty stream automatically.";

/// ENTRIESREAD: never more than were added.
std::optional<std::int64_t> as_read(const StreamRow& stream, std::optional<std::uint64_t> count) {
  if (!count) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(std::min(*count, static_cast<std::uint64_t>(stream.added)));
}

constexpr const char* kDropSerial = "DELETE FROM weir_serial WHERE grp = ?";
constexpr std::array kDropGroup{
    "DELETE FROM weir_pending WHERE grp = ?",
    "DELETE FROM weir_consumers WHERE grp = ?",
    "DELETE FROM weir_groups WHERE grp = ?",
};

void delete_group(Database& db, const StreamRow& stream, std::int64_t group) {
  if (stream.has(kHasSerial)) {
    db.query(kDropSerial).bind(group).run();
  }
  for (const char* drop : kDropGroup) {
    db.query(drop).bind(group).run();
  }
}

Result<StreamAndGroup> group_to_change(Database& db, const std::string& stream_name, const std::string& group_name) {
  const auto stream = find_stream(db, stream_name);
  if (!stream) {
    return db.refuse(kNeedsKey);
  }
  const auto group = find_group(db, *stream, group_name);
  if (!group) {
    return db.refuse(no_group_for_key(stream_name, group_name));
  }
  return StreamAndGroup{*stream, *group};
}

}  // namespace

constexpr const char* kMakeGroup =
    "INSERT INTO weir_groups(stream, name, last_ms, last_seq, next, entries_read, grp) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kHasGroup = "SELECT 1 FROM weir_groups WHERE grp = ?";

Result<Change<XgroupCreate::Reply>> Tables::run(const XgroupCreate& request) {
  auto stream = find_stream(db_, request.stream);
  if (!stream) {
    if (!request.make_stream) {
      return db_.refuse(kNeedsKey);
    }
    stream = make_stream(db_, request.stream);
  }
  if (find_group(db_, *stream, request.group)) {
    if (!request.if_absent) {
      return db_.refuse("BUSYGROUP Consumer Group name already exists");
    }
    return Change(Ok(), Worth::nothing);
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
      .bind(upper_bound(db_, *stream, last))
      .bind(as_read(*stream, request.entries_read))
      .bind(number)
      .run();
  return Ok();
}

Result<Change<XgroupSetid::Reply>> Tables::run(const XgroupSetid& request) {
  WEIR_ASSIGN(StreamAndGroup at, group_to_change(db_, request.stream, request.group));
  at.group.last = request.start.value_or(at.stream.last);
  at.group.next = upper_bound(db_, at.stream, at.group.last);
  at.group.entries_read = as_read(at.stream, request.entries_read);
  save_group(db_, at.group);
  return Ok();
}

Result<Change<XgroupDestroy::Reply>> Tables::run(const XgroupDestroy& request) {
  const auto stream = find_stream(db_, request.stream);
  if (!stream) {
    return db_.refuse(kNeedsKey);
  }
  const auto group = find_group(db_, *stream, request.group);
  if (group) {
    delete_group(db_, *stream, group->number);
  }
  return Count{group ? 1U : 0U};
}

constexpr const char* kMakeConsumer =
    "INSERT INTO weir_consumers(grp, name, seen_ms) VALUES (?, ?, ?) ON CONFLICT(grp, name) DO NOTHING RETURNING 1";

Result<Change<XgroupCreateConsumer::Reply>> Tables::run(const XgroupCreateConsumer& request) {
  WEIR_ASSIGN(const StreamAndGroup at, group_to_change(db_, request.stream, request.group));
  bool made = false;
  {
    Query query = db_.query(kMakeConsumer);
    made = query.bind(at.group.number).bind_name(request.consumer).bind(unix_now().count()).next();
    query.run();
  }
  return Count{made ? 1U : 0U};
}

constexpr const char* kDropConsumerPending = "DELETE FROM weir_pending WHERE consumer = ?";
constexpr const char* kDropConsumer = "DELETE FROM weir_consumers WHERE consumer = ?";

Result<Change<XgroupDelConsumer::Reply>> Tables::run(const XgroupDelConsumer& request) {
  WEIR_ASSIGN(const StreamAndGroup at, group_to_change(db_, request.stream, request.group));
  const auto consumer = find_consumer(db_, at.group, request.consumer);
  if (consumer && request.only_if_nothing_pending && consumer->pending > 0) {
    return Change(Count{0}, Worth::nothing);
  }
  if (consumer) {
    end_serial_of(db_, at, consumer->number);
    db_.query(kDropConsumerPending).bind(consumer->number).run();
    db_.query(kDropConsumer).bind(consumer->number).run();
  }
  return Count{consumer ? static_cast<std::uint64_t>(consumer->pending) : 0};
}

constexpr const char* kAcknowledge = "DELETE FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ? RETURNING consumer";
constexpr const char* kAcknowledgeOwn =
    "DELETE FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ? AND consumer = ? RETURNING consumer";
constexpr const char* kIsPending = "SELECT consumer FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ?";

constexpr const char* kPendingRun =
    "SELECT ms, seq, consumer FROM weir_pending WHERE grp = ? AND (ms, seq) >= (?, ?) AND (ms, seq) <= (?, ?) "
    "ORDER BY ms, seq";
constexpr const char* kAcknowledgeRun =
    "DELETE FROM weir_pending WHERE grp = ? AND (ms, seq) >= (?, ?) AND (ms, seq) <= (?, ?)";

/// What was given together is mostly acknowledged together. If the IDs are a run, all that is pending from the first to
/// the last and all of one consumer (of `owner`, if it is not 0), they are acknowledged by one statement, which costs a
/// third of one for each. False: they are none, and nothing was done.
bool acknowledge_run(Database& db, const StreamAndGroup& at, std::span<const Id> ids, std::int64_t owner) {
  constexpr std::size_t kWorthALook = 8;
  if (ids.size() < kWorthALook) {
    return false;
  }
  const std::int64_t group = at.group.number;
  std::optional<std::int64_t> consumer;
  {
    Query query = db.query(kPendingRun);
    query.bind(group).bind(ids.front()).bind(ids.back());
    std::size_t same = 0;
    for (; query.next(); ++same) {
      const auto of = query.maybe_integer(2);
      consumer = same == 0 ? of : consumer;
      if (same == ids.size() || query.id(0) != ids[same] || of != consumer || (owner != 0 && of != owner)) {
        return false;
      }
    }
    if (same != ids.size()) {
      return false;
    }
  }
  db.query(kAcknowledgeRun).bind(group).bind(ids.front()).bind(ids.back()).run();
  add_pending(db, group, consumer, -static_cast<std::int64_t>(ids.size()));
  for (const Id id : ids) {
    end_serial(db, at.stream, group, id);
  }
  return true;
}

Result<Change<Xack::Reply>> Tables::run(const Xack& request) {
  Count acknowledged;
  const auto at = find_stream_and_group(db_, request.stream, request.group);
  const auto found_owner = at && request.owner ? find_consumer(db_, at->group, *request.owner) : std::nullopt;
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
  if (possible && acknowledge_run(db_, *at, request.ids, owner)) {
    acknowledged.value = static_cast<decltype(acknowledged.value)>(request.ids.size());
  } else if (possible) {
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
            add_pending(db_, at->group.number, consumer, -of_consumer);
            consumer = of;
            of_consumer = 0;
          }
          ++of_consumer;
          ++acknowledged.value;
          query.run();
          end_serial(db_, at->stream, at->group.number, id);
        }
        query.again();
      }
    }
    add_pending(db_, at->group.number, consumer, -of_consumer);
  }
  return acknowledged;
}

Tables::SameGroups::SameGroups(Tables& tables, std::span<const Request> requests) : tables_(tables) {
  for (const Request& request : requests) {
    if (const auto* create = std::get_if<XgroupCreate>(&request)) {
      if (const auto at = find_stream_and_group(tables.db_, create->stream, create->group)) {
        tables.groups_before_[{create->stream, create->group}] = at->group.number;
      }
    }
  }
}

}  // namespace weir::sqlite
