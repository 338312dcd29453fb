// XCLAIM and XAUTOCLAIM: taking over what another consumer holds.
#include <algorithm>

#include "sqlite/refusals.h"
#include "sqlite/sqlite_engine.h"
#include "util/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kFind =
    "SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms FROM weir_pending "
    "WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kScan =
    "SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms FROM weir_pending "
    "WHERE grp = ? AND (ms, seq) >= (?, ?) ORDER BY ms, seq LIMIT ?";
constexpr const char* kMake =
    "INSERT INTO weir_pending(grp, ms, seq, n, consumer, delivered_ms, deliveries) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kSave =
    "UPDATE weir_pending SET consumer = ?, delivered_ms = ?, deliveries = ?, due_ms = NULL, turn = NULL "
    "WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kDrop = "DELETE FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ?";

// The clock stepped back since the delivery: it counts as if it were now, and is idle from now on.
constexpr const char* kCountAsNow =
    "UPDATE weir_pending SET delivered_ms = ?1 WHERE grp = ?2 AND ms = ?3 AND seq = ?4 AND delivered_ms > ?1";

/// One more, but never past the highest.
std::int64_t one_more(std::int64_t deliveries) {
  return deliveries == INT64_MAX ? deliveries : deliveries + 1;
}

Entry claimed_entry(Id id, std::string fields, std::int64_t deliveries, bool just_id) {
  if (just_id) {
    return {id, std::nullopt, std::nullopt};
  }
  return {id, Fields::from_json(std::move(fields)), static_cast<std::uint64_t>(deliveries)};
}

}  // namespace

SqliteEngine::PendingRow SqliteEngine::pending_row(const Query& query) {
  const auto due = query.maybe_integer(6);
  return {query.id(0),
          query.integer(2),
          query.maybe_integer(3),
          UnixMs(query.integer(4)),
          query.integer(5),
          due ? std::optional(UnixMs(*due)) : std::nullopt};
}

/// One that nobody holds is taken when it is due, however long it has waited.
bool SqliteEngine::may_be_taken(const GroupRow& group, const PendingRow& row, Millis min_idle, UnixMs now) {
  return row.consumer ? idle_since(group, row.id, row.delivered, now) >= min_idle : row.due.value_or(UnixMs(0)) <= now;
}

std::optional<SqliteEngine::PendingRow> SqliteEngine::find_pending(const GroupRow& group, Id id) {
  Query query = db_.query(kFind);
  if (!query.bind(group.number).bind(id).next()) {
    return std::nullopt;
  }
  return pending_row(query);
}

void SqliteEngine::save_claim(const GroupRow& group, const PendingRow& before, const PendingRow& after) {
  db_.query(kSave)
      .bind(after.consumer)
      .bind(after.delivered.count())
      .bind(after.deliveries)
      .bind(group.number)
      .bind(after.id)
      .run();
  if (before.consumer != after.consumer) {
    add_pending(group.number, before.consumer, -1);
    add_pending(group.number, after.consumer, 1);
  }
}

void SqliteEngine::drop_pending(const GroupRow& group, const PendingRow& row) {
  db_.query(kDrop).bind(group.number).bind(row.id).run();
  add_pending(group.number, row.consumer, -1);
}

Millis SqliteEngine::idle_since(const GroupRow& group, Id id, UnixMs delivered, UnixMs now) {
  if (delivered > now) {
    db_.query(kCountAsNow).bind(now.count()).bind(group.number).bind(id).run();
    return Millis(0);
  }
  return now - delivered;
}

Result<Xclaim::Reply> SqliteEngine::run(const Xclaim& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  auto at = find_stream_and_group(request.stream, request.group);
  if (!at) {
    return db_.refuse(no_key_or_group(request.stream, request.group));
  }
  GroupRow& group = at->group;
  if (request.last_id && *request.last_id > group.last) {
    group.last = *request.last_id;
    group.next = std::max(group.next, upper_bound(at->stream, group.last));
    save_group(group);
  }
  const UnixMs now = unix_now();
  mend_due_times(group, now);
  const auto owner = request.owner ? find_consumer(group, *request.owner) : std::nullopt;
  const ConsumerRow consumer = seen_consumer(group, request.consumer, now);
  Claimed reply{request.stream, {}, request.just_id};
  for (const Id id : request.ids) {
    auto row = find_pending(group, id);
    if (request.owner && (!row || !owner || row->consumer != owner->number)) {
      continue;
    }
    if (request.released && (!row || row->consumer)) {
      continue;
    }
    auto fields = row ? pending_fields(at->stream, row->n, id) : std::nullopt;
    if (!row) {
      const auto n = request.force ? position_of(at->stream, id) : std::nullopt;
      if (!n) {
        continue;
      }
      fields = fields_at(*n, id);
      row = PendingRow{id, *n, consumer.number, now, 1, std::nullopt};
      db_.query(kMake)
          .bind(group.number)
          .bind(id)
          .bind(*n)
          .bind(consumer.number)
          .bind(now.count())
          .bind(row->deliveries)
          .run();
      add_pending(group.number, consumer.number, 1);
    } else if (!fields) {
      drop_pending(group, *row);
      continue;
    } else if (!may_be_taken(group, *row, request.min_idle, now)) {
      continue;
    }
    PendingRow claimed = *row;
    claimed.consumer = consumer.number;
    claimed.delivered = std::min(request.delivery_time.value_or(now), now);
    if (request.deliveries) {
      claimed.deliveries = static_cast<std::int64_t>(*request.deliveries);
    } else if (!request.just_id) {
      claimed.deliveries = one_more(claimed.deliveries);
    }
    save_claim(group, *row, claimed);
    reply.entries.push_back(claimed_entry(id, std::move(*fields), claimed.deliveries, request.just_id));
  }
  if (!reply.entries.empty()) {
    consumer_active(consumer, now);
  }
  WEIR_TRY(transaction.commit());
  return reply;
}

Result<Xautoclaim::Reply> SqliteEngine::run(const Xautoclaim& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  const auto at = find_stream_and_group(request.stream, request.group);
  if (!at) {
    return db_.refuse(no_key_or_group(request.stream, request.group));
  }
  const GroupRow& group = at->group;
  const UnixMs now = unix_now();
  mend_due_times(group, now);
  const ConsumerRow consumer = seen_consumer(group, request.consumer, now);
  // Ten times COUNT entries are looked at, at most, and the one after them is the cursor.
  constexpr std::uint64_t kLookedAtPerCount = 10;
  const std::uint64_t attempts = request.count * kLookedAtPerCount;
  std::vector<PendingRow> rows;
  {
    Query query = db_.query(kScan);
    query.bind(group.number)
        .bind(request.start)
        .bind(static_cast<std::int64_t>(std::min<std::uint64_t>(attempts, INT64_MAX - 1) + 1));
    std::optional<Id> before;
    while (query.next() && follows(before, query.id(0), {request.start, kMaxId})) {
      rows.push_back(pending_row(query));
    }
  }
  AutoClaimed reply;
  reply.claimed.stream = request.stream;
  reply.claimed.just_id = request.just_id;
  std::uint64_t left = request.count;
  std::size_t i = 0;
  for (; i < rows.size() && i < attempts && left > 0; ++i) {
    const PendingRow& row = rows[i];
    auto fields = pending_fields(at->stream, row.n, row.id);
    if (!fields) {
      drop_pending(group, row);
      reply.deleted.push_back(row.id);
      --left;
      continue;
    }
    if (!may_be_taken(group, row, request.min_idle, now)) {
      continue;
    }
    PendingRow claimed = row;
    claimed.consumer = consumer.number;
    claimed.delivered = now;
    if (!request.just_id) {
      claimed.deliveries = one_more(claimed.deliveries);
    }
    save_claim(group, row, claimed);
    reply.claimed.entries.push_back(claimed_entry(row.id, std::move(*fields), claimed.deliveries, request.just_id));
    --left;
  }
  reply.cursor = i < rows.size() ? rows[i].id : kMinId;
  if (!reply.claimed.entries.empty()) {
    consumer_active(consumer, now);
  }
  WEIR_TRY(transaction.commit());
  return reply;
}

}  // namespace weir::sqlite
