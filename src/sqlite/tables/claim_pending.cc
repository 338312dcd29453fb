// XREADGROUP CLAIM: delivers pending entries again, before new ones. See pending.h.
#include <algorithm>

#include "sqlite/tables/pending.h"

namespace weir::sqlite {

namespace {

constexpr const char* kDue =
    "SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms FROM weir_pending "
    "WHERE grp = ? AND consumer IS NULL AND due_ms <= ? ORDER BY due_ms, turn";
constexpr const char* kIdle =
    "SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms FROM weir_pending "
    "WHERE grp = ? AND consumer IS NOT NULL AND delivered_ms <= ? ORDER BY delivered_ms, turn";

/// Collects the first rows of the statement `sql` whose entries exist.
void collect(Database& db, const char* sql, const StreamAndGroup& at, UnixMs until, std::uint64_t count,
             std::vector<PendingRow>& rows) {
  Query query = db.query(sql);
  query.bind(at.group.number).bind(until.count());
  while (rows.size() < count && query.next()) {
    const PendingRow row = pending_row(query);
    if (is_there(db, at.stream, row)) {
      rows.push_back(row);
    }
  }
}

/// Rows that were delivered up to this time are idle enough; a time in the future counts as now.
UnixMs idle_from(Millis min_idle, UnixMs now) {
  return min_idle == Millis(0) ? UnixMs::max() : now - std::min(min_idle, Millis(INT64_MAX / 2));
}

constexpr const char* kMendTimes =
    "UPDATE weir_pending SET delivered_ms = ?1 WHERE grp = ?2 AND consumer IS NOT NULL AND delivered_ms > ?1";

}  // namespace

void claim_pending(Database& db, StreamAndGroup& at, const ConsumerRow& consumer, Millis min_idle,
                   std::optional<std::uint64_t> count, UnixMs now, ReadRoom& room, std::vector<Entry>& out) {
  if (!at.stream.has(kHasTurns)) {
    db.execute(kClaimIndex);
    add_flags(db, at.stream, kHasTurns);
  }
  mend_due_times(db, at.group, now);
  db.query(kMendTimes).bind(now.count()).bind(at.group.number).run();
  std::vector<PendingRow> rows;
  const std::uint64_t most = room.most(count).value_or(UINT64_MAX);
  collect(db, kDue, at, now, most, rows);
  collect(db, kIdle, at, idle_from(min_idle, now), most, rows);
  if (rows.empty()) {
    return;
  }
  Turns turns(db, at);
  for (const PendingRow& row : rows) {
    auto json = pending_fields(db, at.stream, row.n, row.id);
    if (!json) {
      return;  // a statement has failed
    }
    auto fields = Fields::from_json(std::move(*json));
    if (!room.take(fields)) {
      break;
    }
    PendingRow claimed = row;
    claimed.consumer = consumer.number;
    claimed.delivered = now;
    claimed.deliveries = one_more(row.deliveries);
    save_claim(db, at.group, row, claimed, turns);
    out.push_back(
        {row.id, std::move(fields), static_cast<std::uint64_t>(claimed.deliveries),
         HeldBefore{row.consumer ? now - row.delivered : kNobodysIdle, static_cast<std::uint64_t>(row.deliveries)}});
  }
  turns.save();
  if (out.empty()) {
    return;
  }
  consumer_active(db, consumer, now);
}

constexpr const char* kLastHeld =
    "SELECT delivered_ms FROM weir_pending WHERE grp = ? AND consumer IS NOT NULL ORDER BY delivered_ms DESC LIMIT 1";

bool is_held_from_the_future(Database& db, const GroupRow& group, UnixMs now) {
  if (waits_from_the_future(db, group, now)) {
    return true;
  }
  Query query = db.query(kLastHeld);
  return query.bind(group.number).next() && query.integer(0) > now.count();
}

std::optional<Claimable> next_claimable(Database& db, const StreamAndGroup& at, Millis min_idle, UnixMs now) {
  std::vector<PendingRow> rows;
  collect(db, kDue, at, UnixMs::max(), 1, rows);
  const bool any_waits = !rows.empty();
  collect(db, kIdle, at, UnixMs::max(), rows.size() + 1, rows);
  std::optional<Claimable> first;
  for (const PendingRow& row : rows) {
    const bool waits = any_waits && &row == &rows.front();
    const UnixMs since = std::min(row.delivered, now);
    const Millis room = UnixMs::max() - since;
    const UnixMs from =
        waits ? now + wait_of(row.delivered, row.due.value_or(UnixMs(0)), now).left : since + std::min(min_idle, room);
    if (!first || from < first->at) {
      first = Claimable{from, row};
    }
  }
  return first;
}

}  // namespace weir::sqlite
