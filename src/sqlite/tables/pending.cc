// XPENDING, and functions for rows of weir_pending.
#include "sqlite/tables/pending.h"

#include <algorithm>

#include "sqlite/tables/damage.h"
#include "sqlite/tables/serial.h"
#include "sqlite/tables/tables.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kFind =
    "SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms FROM weir_pending "
    "WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kScan =
    "SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms FROM weir_pending "
    "WHERE grp = ? AND (ms, seq) >= (?, ?) ORDER BY ms, seq LIMIT ?";
constexpr const char* kAddPending = "UPDATE weir_consumers SET pending = pending + ? WHERE consumer = ?";
constexpr const char* kAddReleased = "UPDATE weir_groups SET released = released + ? WHERE grp = ?";
constexpr const char* kFirstPending = "SELECT ms, seq FROM weir_pending WHERE grp = ? ORDER BY ms, seq LIMIT 1";
constexpr const char* kLastPending =
    "SELECT ms, seq FROM weir_pending WHERE grp = ? ORDER BY ms DESC, seq DESC LIMIT 1";
constexpr const char* kPendingConsumers =
    "SELECT name, pending FROM weir_consumers WHERE grp = ? AND pending > 0 ORDER BY CAST(name AS BLOB)";
constexpr const char* kPending =
    "SELECT p.ms, p.seq, c.name, p.delivered_ms, p.deliveries, p.due_ms, p.laters FROM weir_pending p "
    "LEFT JOIN weir_consumers c USING (consumer) "
    "WHERE p.grp = ? AND (p.ms, p.seq) >= (?, ?) AND (p.ms, p.seq) <= (?, ?) ORDER BY p.ms, p.seq";
constexpr const char* kPendingOfConsumer =
    "SELECT p.ms, p.seq, c.name, p.delivered_ms, p.deliveries, NULL, p.laters FROM weir_consumers c CROSS JOIN "
    "weir_pending p USING (consumer) "
    "WHERE c.grp = ? AND c.name = ? AND (p.ms, p.seq) >= (?, ?) AND (p.ms, p.seq) <= (?, ?) ORDER BY p.ms, p.seq";

// For a row that was delivered before the clock stepped back: its delivery counts as now, and its idle time from now
// on.
constexpr const char* kCountAsNow =
    "UPDATE weir_pending SET delivered_ms = ?1 WHERE grp = ?2 AND ms = ?3 AND seq = ?4 AND delivered_ms > ?1";

/// Adds rows that were delivered in the future to `ahead`.
PendingEntries list_pending(Database& db, const GroupRow& group, const Xpending& request, UnixMs now, ReadRoom& room,
                            std::vector<std::pair<Id, UnixMs>>& ahead) {
  PendingEntries reply;
  Query query = db.query(request.consumer ? kPendingOfConsumer : kPending);
  query.bind(group.number);
  if (request.consumer) {
    query.bind_name(*request.consumer);
  }
  query.bind(request.first).bind(request.last);
  std::optional<Id> before;
  while (reply.entries.size() < request.count && query.next() &&
         follows(db, before, query.id(0), {request.first, request.last})) {
    PendingEntry entry{query.id(0), std::string(query.bytes(2)), {}, static_cast<std::uint64_t>(query.integer(4)), {}};
    entry.laters = static_cast<std::uint64_t>(query.maybe_integer(6).value_or(0));
    const UnixMs since(query.integer(3));
    if (const auto due = query.maybe_integer(5)) {
      entry.released = wait_of(since, UnixMs(*due), now);
    } else {
      entry.idle = std::max(now - since, Millis(0));
      if (since > now && room.take_row({})) {
        ahead.emplace_back(entry.id, since);
      }
    }
    // A client that asks for idle entries may take released ones, once they are due.
    if (entry.released ? request.min_idle == Millis(0) || entry.released->left == Millis(0)
                       : entry.idle >= request.min_idle) {
      if (!room.take_row(entry.consumer)) {
        break;
      }
      reply.entries.push_back(std::move(entry));
    }
  }
  return reply;
}

}  // namespace

PendingRow pending_row(const Query& query) {
  // Another program may have written negative numbers.
  const auto natural = [&](int column) { return std::max<std::int64_t>(query.integer(column), 0); };
  const auto due = query.maybe_integer(6);
  return {query.id(0),        query.integer(2), query.maybe_integer(3),
          UnixMs(natural(4)), natural(5),       due ? std::optional(UnixMs(*due)) : std::nullopt};
}

std::optional<PendingRow> find_pending(Database& db, const GroupRow& group, Id id) {
  Query query = db.query(kFind);
  if (!query.bind(group.number).bind(id).next()) {
    return std::nullopt;
  }
  return pending_row(query);
}

std::vector<PendingRow> pending_from(Database& db, const GroupRow& group, Id start, std::uint64_t count) {
  std::vector<PendingRow> rows;
  Query query = db.query(kScan);
  query.bind(group.number).bind(start).bind_limit(count);
  std::optional<Id> before;
  while (query.next() && follows(db, before, query.id(0), {start, kMaxId})) {
    rows.push_back(pending_row(query));
  }
  return rows;
}

std::optional<std::string> pending_fields(Database& db, const StreamRow& stream, std::int64_t n, Id id) {
  if (n == kUnplaced) {
    n = position_of(db, stream, id).value_or(kUnplaced);
  }
  return fields_at(db, n, id);
}

void add_pending(Database& db, std::int64_t group, std::optional<std::int64_t> consumer, std::int64_t difference) {
  if (difference != 0) {
    db.query(consumer ? kAddPending : kAddReleased).bind(difference).bind(consumer ? *consumer : group).run();
  }
}

constexpr const char* kHeld = "SELECT ifnull(sum(pending), 0) FROM weir_consumers WHERE grp = ?";

std::uint64_t held_count(Database& db, const GroupRow& group) {
  Query query = db.query(kHeld);
  return query.bind(group.number).next() ? static_cast<std::uint64_t>(std::max<std::int64_t>(query.integer(0), 0)) : 0;
}

constexpr const char* kDrop = "DELETE FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ?";

void remove_pending(Database& db, const StreamRow& stream, std::int64_t group, std::optional<std::int64_t> consumer,
                    Id id) {
  db.query(kDrop).bind(group).bind(id).run();
  add_pending(db, group, consumer, -1);
  end_serial(db, stream, group, id);
}

std::int64_t one_more(std::int64_t deliveries) {
  return deliveries == INT64_MAX ? deliveries : deliveries + 1;
}

constexpr const char* kReleases = "SELECT releases FROM weir_groups WHERE grp = ?";

Turns::Turns(Database& db, const StreamAndGroup& at, bool always) : db_(db), group_(at.group.number) {
  if (always || at.stream.has(kHasTurns)) {
    Query query = db.query(kReleases);
    last_ = query.bind(group_).next() ? query.integer(0) : 0;
  }
}

std::optional<std::int64_t> Turns::next() {
  if (last_) {
    last_ = one_more(*last_);
    changed_ = true;
  }
  return last_;
}

constexpr const char* kSaveReleases = "UPDATE weir_groups SET releases = ? WHERE grp = ?";

void Turns::save() {
  if (changed_) {
    db_.query(kSaveReleases).bind(last_).bind(group_).run();
  }
}

constexpr const char* kSave =
    "UPDATE weir_pending SET consumer = ?, delivered_ms = ?, deliveries = ?, due_ms = NULL, turn = ? "
    "WHERE grp = ? AND ms = ? AND seq = ?";

void save_claim(Database& db, const GroupRow& group, const PendingRow& before, const PendingRow& after, Turns& turns) {
  db.query(kSave)
      .bind(after.consumer)
      .bind(after.delivered.count())
      .bind(after.deliveries)
      .bind(turns.next())
      .bind(group.number)
      .bind(after.id)
      .run();
  if (before.consumer != after.consumer) {
    add_pending(db, group.number, before.consumer, -1);
    add_pending(db, group.number, after.consumer, 1);
  }
}

bool is_there(Database& db, const StreamRow& stream, const PendingRow& row) {
  if (row.n == kUnplaced) {
    return position_of(db, stream, row.id).has_value();
  }
  const auto entry = entry_at_or_after(db, stream, row.n);
  return entry && entry->n == row.n && entry->id == row.id;
}

Millis idle_since(Database& db, const GroupRow& group, Id id, UnixMs delivered, UnixMs now) {
  if (delivered > now) {
    db.query(kCountAsNow).bind(now.count()).bind(group.number).bind(id).run();
    return Millis(0);
  }
  return now - delivered;
}

Result<XpendingSummary::Reply> Tables::run(const XpendingSummary& request) {
  WEIR_ASSIGN(const StreamAndGroup at, existing_stream_and_group(db_, request.stream, request.group));
  WEIR_TRY(check_room());
  ReadRoom room({}, room_left_);
  PendingSummary summary;
  Query consumers = db_.query(kPendingConsumers);
  consumers.bind(at.group.number);
  while (consumers.next() && room.take_row(consumers.bytes(0))) {
    summary.consumers.push_back({std::string(consumers.bytes(0)), static_cast<std::uint64_t>(consumers.integer(1))});
    summary.count += summary.consumers.back().pending;
  }
  WEIR_TRY(check_whole(room));
  summary.released = released_count(db_, at.group);
  summary.count += summary.released;
  if (Query first = db_.query(kFirstPending); first.bind(at.group.number).next()) {
    summary.first = first.id(0);
  }
  if (Query last = db_.query(kLastPending); last.bind(at.group.number).next()) {
    summary.last = last.id(0);
  }
  return summary;
}

Result<PendingNow> Tables::run(const Xpending& request) {
  WEIR_ASSIGN(const StreamAndGroup at, existing_stream_and_group(db_, request.stream, request.group));
  WEIR_TRY(check_room());
  ReadRoom room({}, room_left_);
  const UnixMs now = unix_now();
  if (request.released) {
    PendingEntries entries = released_entries(db_, at.group, request.count, room);
    WEIR_TRY(check_whole(room));
    return PendingNow{std::move(entries), waits_from_the_future(db_, at.group, now)};
  }
  std::vector<std::pair<Id, UnixMs>> ahead;
  PendingEntries entries = list_pending(db_, at.group, request, now, room, ahead);
  WEIR_TRY(check_whole(room));
  return PendingNow{std::move(entries), !ahead.empty() && request.min_idle > Millis(0)};
}

Result<Change<Xpending::Reply>> Tables::mend(const Xpending& request) {
  WEIR_ASSIGN(const StreamAndGroup at, existing_stream_and_group(db_, request.stream, request.group));
  WEIR_TRY(check_room());
  ReadRoom room({}, room_left_);
  const UnixMs now = unix_now();
  if (request.released) {
    mend_due_times(db_, at.group, now);
    PendingEntries entries = released_entries(db_, at.group, request.count, room);
    WEIR_TRY(check_whole(room));
    return Change(std::move(entries), Worth::commit);
  }
  std::vector<std::pair<Id, UnixMs>> ahead;
  PendingEntries entries = list_pending(db_, at.group, request, now, room, ahead);
  WEIR_TRY(check_whole(room));
  for (const auto& [id, delivered] : ahead) {
    idle_since(db_, at.group, id, delivered, now);
  }
  return Change(std::move(entries), Worth::commit);
}

}  // namespace weir::sqlite
