// XINFO.
#include <algorithm>

#include "sqlite/tables/idempotence.h"
#include "sqlite/tables/pauses.h"
#include "sqlite/tables/pending.h"
#include "sqlite/tables/ranges.h"
#include "sqlite/tables/tables.h"
#include "stream/refusals.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

// Unordered; the caller sorts groups by name. If SQLite sorted, that would cost more than the rest for a stream with
// one group.
constexpr const char* kGroups =
    "SELECT grp, stream, last_ms, last_seq, next, entries_read, name, "
    "(SELECT count(*) FROM weir_consumers c WHERE c.grp = g.grp), "
    "(SELECT coalesce(sum(pending), 0) FROM weir_consumers c WHERE c.grp = g.grp), released, paused_ms "
    "FROM weir_groups g WHERE stream = ?";
constexpr const char* kCountGroups = "SELECT count(*) FROM weir_groups WHERE stream = ?";
constexpr const char* kConsumers =
    "SELECT consumer, name, pending, seen_ms, active_ms FROM weir_consumers WHERE grp = ? ORDER BY CAST(name AS BLOB)";
constexpr const char* kPending =
    "SELECT p.ms, p.seq, c.name, p.delivered_ms, p.deliveries, p.due_ms, p.laters FROM weir_pending p "
    "LEFT JOIN weir_consumers c USING (consumer) WHERE p.grp = ? ORDER BY p.ms, p.seq LIMIT ?";
constexpr const char* kPendingOfConsumer =
    "SELECT ms, seq, '', delivered_ms, deliveries, NULL, laters FROM weir_pending WHERE consumer = ? ORDER BY ms, seq "
    "LIMIT ?";

std::optional<std::uint64_t> unsigned_count(std::optional<std::int64_t> count) {
  return count ? std::optional(static_cast<std::uint64_t>(*count)) : std::nullopt;
}

/// Rows of the two statements above, all of them if `count` is 0. For the rows of one consumer, the caller fills in the
/// name.
std::vector<StreamDetails::Pending> pending_rows(Query query, std::int64_t of, std::uint64_t count, ReadRoom& room) {
  const UnixMs now = unix_now();
  std::vector<StreamDetails::Pending> rows;
  query.bind(of).bind_limit(count == 0 ? std::nullopt : std::optional(count));
  while (query.next() && room.take_row(query.bytes(2))) {
    const UnixMs time(query.integer(3));
    const auto due = query.maybe_integer(5);
    rows.push_back({query.id(0), std::string(query.bytes(2)), due ? UnixMs(0) : time,
                    static_cast<std::uint64_t>(query.integer(4)),
                    due ? std::optional(wait_of(time, UnixMs(*due), now)) : std::nullopt,
                    static_cast<std::uint64_t>(query.maybe_integer(6).value_or(0))});
  }
  return rows;
}

StreamInfo describe_stream(Database& db, const StreamRow& stream) {
  StreamInfo info;
  info.length = static_cast<std::uint64_t>(stream.length);
  info.last_generated_id = stream.last;
  info.max_deleted_id = stream.max_deleted;
  info.entries_added = static_cast<std::uint64_t>(stream.added);
  info.recorded_first_id = shape_of(db, stream).first;
  if (Query groups = db.query(kCountGroups); groups.bind(stream.number).next()) {
    info.groups = static_cast<std::uint64_t>(groups.integer(0));
  }
  info.idempotence = describe_keys(db, stream, unix_now());
  return info;
}

void describe_group(Database& db, const StreamRow& stream, const GroupRow& group, std::uint64_t count, ReadRoom& room,
                    StreamDetails::Group& out) {
  out.last_delivered_id = group.last;
  out.entries_read = unsigned_count(group.entries_read);
  out.lag = unsigned_count(group_lag(shape_of(db, stream), group.last, group.entries_read));
  out.nacked_count = released_count(db, group);
  out.pel_count = *out.nacked_count;
  out.pel = pending_rows(db.query(kPending), group.number, count, room);
  Query consumers = db.query(kConsumers);
  consumers.bind(group.number);
  while (consumers.next() && room.take_row(consumers.bytes(1))) {
    StreamDetails::Consumer consumer;
    consumer.name = consumers.bytes(1);
    consumer.seen_time = UnixMs(consumers.integer(3));
    if (const auto active = consumers.maybe_integer(4)) {
      consumer.active_time = UnixMs(*active);
    }
    consumer.pel_count = static_cast<std::uint64_t>(consumers.integer(2));
    out.pel_count += consumer.pel_count;
    consumer.pel = pending_rows(db.query(kPendingOfConsumer), consumers.integer(0), count, room);
    for (StreamDetails::Pending& row : consumer.pel) {
      row.consumer = consumer.name;
    }
    out.consumers.push_back(std::move(consumer));
  }
}

}  // namespace

Result<XinfoStream::Reply> Tables::run(const XinfoStream& request) {
  WEIR_ASSIGN(const StreamRow stream, existing_stream(db_, request.stream));
  StreamInfo info = describe_stream(db_, stream);
  std::vector<Entry> ends;
  WEIR_TRY(collect_all(ends, stream.begin(), stream.tail, 1, false));
  WEIR_TRY(collect_all(ends, stream.begin(), stream.tail, 1, true));
  if (ends.size() == 2) {
    info.first_entry = std::move(ends[0]);
    info.last_entry = std::move(ends[1]);
  }
  return info;
}

namespace {

std::vector<GroupInfo> groups_of(Database& db, const StreamRow& stream, ReadRoom& room) {
  std::vector<GroupInfo> groups;
  std::optional<StreamShape> shape;
  Query query = db.query(kGroups);
  query.bind(stream.number);
  const UnixMs now = unix_now();
  while (query.next() && room.take_row(query.bytes(6))) {
    if (!shape) {
      shape = shape_of(db, stream);
    }
    GroupInfo info;
    info.name = query.bytes(6);
    info.consumers = static_cast<std::uint64_t>(query.integer(7));
    info.released = static_cast<std::uint64_t>(query.integer(9));
    info.pending = static_cast<std::uint64_t>(query.integer(8)) + info.released;
    if (info.released > 0) {
      const GroupRow group{query.integer(0), query.integer(1), query.id(2), query.integer(4), {}};
      const PendingEntries first = released_entries(db, group, 1, room);
      info.next_due = first.entries.empty() ? std::nullopt : std::optional(first.entries[0].released->left);
    }
    info.last_delivered_id = query.id(2);
    info.entries_read = unsigned_count(query.maybe_integer(5));
    info.lag = unsigned_count(group_lag(*shape, info.last_delivered_id, query.maybe_integer(5)));
    if (const auto until = query.maybe_integer(10)) {
      info.paused = pause_until(UnixMs(*until), now);
    }
    groups.push_back(std::move(info));
  }
  std::ranges::sort(groups, {}, &GroupInfo::name);
  return groups;
}

}  // namespace

Result<XinfoGroups::Reply> Tables::run(const XinfoGroups& request) {
  WEIR_ASSIGN(const StreamRow stream, existing_stream(db_, request.stream));
  WEIR_TRY(check_room());
  ReadRoom room({}, room_left_);
  GroupInfos reply{groups_of(db_, stream, room)};
  WEIR_TRY(check_whole(room));
  return reply;
}

Result<std::vector<Surveyed>> Tables::survey(std::span<const std::string> streams) {
  ReadRoom room({}, room_left_);
  std::vector<Surveyed> found;
  found.reserve(streams.size());
  for (const std::string& name : streams) {
    const auto stream = find_stream(db_, name);
    if (!stream) {
      continue;
    }
    Surveyed surveyed{name,
                      static_cast<std::uint64_t>(stream->length),
                      static_cast<std::uint64_t>(stream->added),
                      stream->last,
                      groups_of(db_, *stream, room),
                      {}};
    if (stream->has(kHasDelayed)) {
      WEIR_ASSIGN(surveyed.delayed, count_delayed(name));
    }
    found.push_back(std::move(surveyed));
  }
  WEIR_TRY(check_whole(room));
  return found;
}

Result<XinfoConsumers::Reply> Tables::run(const XinfoConsumers& request) {
  WEIR_ASSIGN(const StreamRow stream, existing_stream(db_, request.stream));
  const auto group = find_group(db_, stream, request.group);
  if (!group) {
    return db_.refuse(no_group_for_key(request.stream, request.group));
  }
  WEIR_TRY(check_room());
  ReadRoom room({}, room_left_);
  const UnixMs now = unix_now();
  ConsumerInfos reply;
  Query query = db_.query(kConsumers);
  query.bind(group->number);
  while (query.next() && room.take_row(query.bytes(1))) {
    ConsumerInfo info;
    info.name = query.bytes(1);
    info.pending = static_cast<std::uint64_t>(query.integer(2));
    info.idle = std::max(now - UnixMs(query.integer(3)), Millis(0));
    if (const auto active = query.maybe_integer(4)) {
      info.inactive = std::max(now - UnixMs(*active), Millis(0));
    }
    reply.consumers.push_back(std::move(info));
  }
  WEIR_TRY(check_whole(room));
  return reply;
}

Result<XinfoStreamFull::Reply> Tables::run(const XinfoStreamFull& request) {
  WEIR_ASSIGN(const StreamRow stream, existing_stream(db_, request.stream));
  StreamDetails details;
  details.info = describe_stream(db_, stream);
  WEIR_TRY(collect_all(details.entries, stream.begin(), stream.tail,
                       request.count == 0 ? std::nullopt : std::optional(request.count), false));
  WEIR_TRY(check_room());
  ReadRoom room({}, room_left_);
  Query query = db_.query(kGroups);
  query.bind(stream.number);
  while (query.next() && room.take_row(query.bytes(6))) {
    const GroupRow group{query.integer(0), query.integer(1), query.id(2), query.integer(4), query.maybe_integer(5)};
    StreamDetails::Group described;
    described.name = query.bytes(6);
    describe_group(db_, stream, group, request.count, room, described);
    details.groups.push_back(std::move(described));
  }
  WEIR_TRY(check_whole(room));
  std::ranges::sort(details.groups, {}, &StreamDetails::Group::name);
  return details;
}

}  // namespace weir::sqlite
