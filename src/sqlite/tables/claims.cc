// XCLAIM and XAUTOCLAIM: taking over entries that another consumer holds.
#include <algorithm>

#include "sqlite/tables/pending.h"
#include "sqlite/tables/read_room.h"
#include "sqlite/tables/tables.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kMake =
    "INSERT INTO weir_pending(grp, ms, seq, n, consumer, delivered_ms, deliveries) VALUES (?, ?, ?, ?, ?, ?, ?)";

Entry claimed_entry(Id id, std::string fields, std::int64_t deliveries, bool just_id) {
  if (just_id) {
    return {id, std::nullopt, std::nullopt};
  }
  return {id, Fields::from_json(std::move(fields)), static_cast<std::uint64_t>(deliveries)};
}

/// One that nobody holds is taken when it is due, however long it has waited.
bool may_be_taken(Database& db, const GroupRow& group, const PendingRow& row, Millis min_idle, UnixMs now) {
  return row.consumer ? idle_since(db, group, row.id, row.delivered, now) >= min_idle
                      : row.due.value_or(UnixMs(0)) <= now;
}

}  // namespace

Result<Change<Xclaim::Reply>> Tables::run(const Xclaim& request) {
  WEIR_ASSIGN(StreamAndGroup at, existing_stream_and_group(db_, request.stream, request.group));
  WEIR_TRY(check_room());
  GroupRow& group = at.group;
  if (request.last_id && *request.last_id > group.last) {
    group.last = *request.last_id;
    group.next = std::max(group.next, upper_bound(db_, at.stream, group.last));
    save_group(db_, group);
  }
  const UnixMs now = unix_now();
  mend_due_times(db_, group, now);
  const auto owner = request.owner ? find_consumer(db_, group, *request.owner) : std::nullopt;
  const ConsumerRow consumer = seen_consumer(db_, group, request.consumer, now);
  Turns turns(db_, at);
  Claimed reply{request.stream, {}, request.just_id};
  ReadRoom room({}, room_left_);
  const auto fits = [&](const std::string& fields) { return room.take_of_all(request.just_id ? 0 : fields.size()); };
  for (const Id id : request.ids) {
    auto row = find_pending(db_, group, id);
    if (group.is_paused(now) && (!row || row->consumer != consumer.number)) {
      continue;
    }
    if (request.owner && (!row || !owner || row->consumer != owner->number)) {
      continue;
    }
    if (request.released && (!row || row->consumer)) {
      continue;
    }
    auto fields = row ? pending_fields(db_, at.stream, row->n, id) : std::nullopt;
    if (!row) {
      const auto n = request.force ? position_of(db_, at.stream, id) : std::nullopt;
      if (!n) {
        continue;
      }
      fields = fields_at(db_, *n, id);
      if (fields && !fits(*fields)) {
        break;
      }
      row = PendingRow{id, *n, consumer.number, now, 1, std::nullopt};
      db_.query(kMake)
          .bind(group.number)
          .bind(id)
          .bind(*n)
          .bind(consumer.number)
          .bind(now.count())
          .bind(row->deliveries)
          .run();
      add_pending(db_, group.number, consumer.number, 1);
    } else if (!fields) {
      remove_pending(db_, at.stream, group.number, row->consumer, row->id);
      continue;
    } else if (!may_be_taken(db_, group, *row, request.min_idle, now)) {
      continue;
    } else if (!fits(*fields)) {
      break;
    }
    PendingRow claimed = *row;
    claimed.consumer = consumer.number;
    claimed.delivered = std::min(request.delivery_time.value_or(now), now);
    if (request.deliveries) {
      claimed.deliveries = static_cast<std::int64_t>(*request.deliveries);
    } else if (!request.just_id) {
      claimed.deliveries = one_more(claimed.deliveries);
    }
    save_claim(db_, group, *row, claimed, turns);
    reply.entries.push_back(claimed_entry(id, std::move(*fields), claimed.deliveries, request.just_id));
  }
  turns.save();
  if (!reply.entries.empty()) {
    consumer_active(db_, consumer, now);
  }
  return reply;
}

Result<Change<Xautoclaim::Reply>> Tables::run(const Xautoclaim& request) {
  WEIR_ASSIGN(const StreamAndGroup at, existing_stream_and_group(db_, request.stream, request.group));
  WEIR_TRY(check_room());
  const GroupRow& group = at.group;
  const UnixMs now = unix_now();
  mend_due_times(db_, group, now);
  const ConsumerRow consumer = seen_consumer(db_, group, request.consumer, now);
  if (group.is_paused(now)) {
    return Change(AutoClaimed{kMinId, {request.stream, {}, request.just_id}, {}}, Worth::commit);
  }
  // Ten times COUNT entries are looked at, at most, and the one after them is the cursor.
  constexpr std::uint64_t kLookedAtPerCount = 10;
  const std::uint64_t attempts = request.count * kLookedAtPerCount;
  const std::vector<PendingRow> rows =
      pending_from(db_, group, request.start, std::min<std::uint64_t>(attempts, INT64_MAX - 1) + 1);
  Turns turns(db_, at);
  AutoClaimed reply;
  reply.claimed.stream = request.stream;
  reply.claimed.just_id = request.just_id;
  ReadRoom room({}, room_left_);
  std::uint64_t left = request.count;
  std::size_t i = 0;
  for (; i < rows.size() && i < attempts && left > 0; ++i) {
    const PendingRow& row = rows[i];
    auto fields = pending_fields(db_, at.stream, row.n, row.id);
    if (!fields) {
      remove_pending(db_, at.stream, group.number, row.consumer, row.id);
      reply.deleted.push_back(row.id);
      --left;
      continue;
    }
    if (!may_be_taken(db_, group, row, request.min_idle, now)) {
      continue;
    }
    if (!room.take_of_all(request.just_id ? 0 : fields->size())) {
      break;  // the cursor says where to go on
    }
    PendingRow claimed = row;
    claimed.consumer = consumer.number;
    claimed.delivered = now;
    if (!request.just_id) {
      claimed.deliveries = one_more(claimed.deliveries);
    }
    save_claim(db_, group, row, claimed, turns);
    reply.claimed.entries.push_back(claimed_entry(row.id, std::move(*fields), claimed.deliveries, request.just_id));
    --left;
  }
  reply.cursor = i < rows.size() ? rows[i].id : kMinId;
  turns.save();
  if (!reply.claimed.entries.empty()) {
    consumer_active(db_, consumer, now);
  }
  return reply;
}

}  // namespace weir::sqlite
