// XNACK, and entries that wait for their next delivery. See pending.h.
#include <algorithm>

#include "sqlite/tables/pending.h"
#include "sqlite/tables/serial.h"
#include "sqlite/tables/tables.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

std::int64_t deliveries_after(const Xnack& request, std::int64_t before) {
  if (request.deliveries) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(*request.deliveries, INT64_MAX));
  }
  switch (request.blame) {
    case Xnack::Blame::silent:
      return std::max<std::int64_t>(before - 1, 0);
    case Xnack::Blame::fail:
      return before;
    case Xnack::Blame::fatal:
      break;
  }
  return INT64_MAX;
}

}  // namespace

Released wait_of(UnixMs since, UnixMs due, UnixMs now) {
  const UnixMs begun = std::min(since, now);
  if (due == kAfterAnother) {
    return {now - begun, kWaitsForAnother};
  }
  const Millis left = due == UnixMs(0) ? Millis(0) : due - since - (now - begun);
  return {now - begun, std::max(left, Millis(0))};
}

constexpr const char* kReleased = "SELECT released FROM weir_groups WHERE grp = ?";

std::uint64_t released_count(Database& db, const GroupRow& group) {
  Query query = db.query(kReleased);
  return query.bind(group.number).next() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
}

constexpr const char* kByDue =
    "SELECT ms, seq, '', delivered_ms, deliveries, due_ms, laters FROM weir_pending "
    "WHERE grp = ? AND consumer IS NULL ORDER BY due_ms, turn LIMIT ?";

PendingEntries released_entries(Database& db, const GroupRow& group, std::uint64_t count, ReadRoom& room) {
  PendingEntries reply;
  const UnixMs now = unix_now();
  Query query = db.query(kByDue);
  query.bind(group.number).bind_limit(count);
  while (query.next() && room.take_row({})) {
    reply.entries.push_back({query.id(0), std::string(), Millis(0), static_cast<std::uint64_t>(query.integer(4)),
                             wait_of(UnixMs(query.integer(3)), UnixMs(query.integer(5)), now),
                             static_cast<std::uint64_t>(query.maybe_integer(6).value_or(0))});
  }
  return reply;
}

constexpr const char* kLastDue =
    "SELECT delivered_ms FROM weir_pending WHERE grp = ? AND consumer IS NULL AND due_ms < 9223372036854775807 "
    "ORDER BY due_ms DESC LIMIT 1";

bool waits_from_the_future(Database& db, const GroupRow& group, UnixMs now) {
  // Entries that were released before the clock was set back are due last.
  Query query = db.query(kLastDue);
  return query.bind(group.number).next() && query.integer(0) > now.count();
}

constexpr const char* kMendDue =
    "UPDATE weir_pending SET due_ms = max(0, due_ms - (delivered_ms - ?1)), delivered_ms = ?1 "
    "WHERE grp = ?2 AND consumer IS NULL AND due_ms < 9223372036854775807 AND delivered_ms > ?1";

void mend_due_times(Database& db, const GroupRow& group, UnixMs now) {
  if (waits_from_the_future(db, group, now)) {
    db.query(kMendDue).bind(now.count()).bind(group.number).run();
  }
}

constexpr const char* kRelease =
    "UPDATE weir_pending SET consumer = NULL, delivered_ms = ?, deliveries = ?, due_ms = ?, turn = ?, "
    "laters = ifnull(?, laters) "
    "WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kMakeReleased =
    "INSERT INTO weir_pending(delivered_ms, deliveries, due_ms, turn, laters, grp, ms, seq, n) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

namespace {

/// A message that is pending again waits for earlier ones of its value, and later ones for it.
void index_again(Database& db, StreamAndGroup& at, std::int64_t n, Id id) {
  const auto field = serial_value(db, at, kMinId);
  const auto fields = field ? pending_fields(db, at.stream, n, id) : std::nullopt;
  const auto value = fields ? serial_value_of(Fields::from_json(*fields), *field) : std::nullopt;
  if (value) {
    add_serial(db, at, *value, id);
  }
}

}  // namespace

Result<Change<Xnack::Reply>> Tables::run(const Xnack& request) {
  WEIR_ASSIGN(StreamAndGroup at, existing_stream_and_group(db_, request.stream, request.group));
  const GroupRow& group = at.group;
  const UnixMs now = unix_now();
  const UnixMs due = request.wait > Millis(0) ? now + request.wait : UnixMs(0);
  const auto laters = request.laters ? std::optional(static_cast<std::int64_t>(*request.laters)) : std::nullopt;
  const auto owner = request.owner ? find_consumer(db_, group, *request.owner) : std::nullopt;
  if (request.only_there) {
    for (const Id id : request.ids) {
      if (!position_of(db_, at.stream, id)) {
        return db_.refuse("NOENTRY " + to_string(id) + " is not in '" + request.stream + "'");
      }
    }
  }
  Turns turns(db_, at, true);
  Count released;
  for (const Id id : request.ids) {
    const auto row = find_pending(db_, group, id);
    if (request.only_there && (row || id > group.last)) {
      ++released.value;
      continue;
    }
    if (request.owner && (!row || !owner || row->consumer != owner->number)) {
      continue;
    }
    const std::int64_t deliveries = deliveries_after(request, row ? row->deliveries : 0);
    const auto wait = [&](Query&& query) -> Query& {
      query.bind(now.count()).bind(deliveries).bind(due.count()).bind(turns.next());
      return query.bind(laters).bind(group.number).bind(id);
    };
    if (row) {
      wait(db_.query(kRelease)).run();
      add_pending(db_, group.number, row->consumer, -1);
    } else {
      const auto n = request.force ? position_of(db_, at.stream, id) : std::nullopt;
      if (!n) {
        continue;
      }
      wait(db_.query(kMakeReleased)).bind(*n).run();
      index_again(db_, at, *n, id);
    }
    add_pending(db_, group.number, std::nullopt, 1);
    ++released.value;
  }
  turns.save();
  return released;
}

}  // namespace weir::sqlite
