// XREADGROUP: giving entries to a consumer.
#include <algorithm>

#include "sqlite/tables/damage.h"
#include "sqlite/tables/pending.h"
#include "sqlite/tables/tables.h"
#include "stream/refusals.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr std::uint64_t kMost = INT64_MAX;  ///< deliveries are counted up to this number

constexpr const char* kHolder = "SELECT consumer FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kTakeOver =
    "UPDATE weir_pending SET n = ?, consumer = ?, delivered_ms = ?, deliveries = 1, due_ms = NULL, turn = ? "
    "WHERE grp = ? AND ms = ? AND seq = ?";

void take_over(Database& db, const GroupRow& group, const EntryRow& entry, const ConsumerRow& consumer, UnixMs now,
               std::optional<std::int64_t> turn) {
  // The group was set back: the entry is pending already, and changes hands.
  std::optional<std::int64_t> holder;
  if (Query query = db.query(kHolder); query.bind(group.number).bind(entry.id).next()) {
    holder = query.maybe_integer(0);
  }
  add_pending(db, group.number, holder, -1);
  db.query(kTakeOver)
      .bind(entry.n)
      .bind(consumer.number)
      .bind(now.count())
      .bind(turn)
      .bind(group.number)
      .bind(entry.id)
      .run();
}

constexpr const char* kUndelivered =
    "SELECT n, ms, seq, fields FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n LIMIT ?";
constexpr const char* kHold =
    "INSERT INTO weir_pending(grp, ms, seq, n, consumer, delivered_ms, turn, deliveries) VALUES (?, ?, ?, ?, ?, ?, ?, "
    "1) "
    "ON CONFLICT DO NOTHING";

/// As hold_entry. `hold`: the statement kHold, shared by many calls.
std::int64_t hold_with(Query& hold, Database& db, const GroupRow& group, const EntryRow& entry,
                       const ConsumerRow& consumer, UnixMs now, std::optional<std::int64_t> turn) {
  hold.bind(group.number).bind(entry.id).bind(entry.n).bind(consumer.number).bind(now.count()).bind(turn).run();
  hold.again();
  if (sqlite3_changes(db.handle()) == 0) {
    take_over(db, group, entry, consumer, now, turn);
  }
  return 1;
}

constexpr const char* kAnyPendingFrom = "SELECT 1 FROM weir_pending WHERE grp = ? AND (ms, seq) >= (?, ?) LIMIT 1";

bool any_pending_from(Database& db, const GroupRow& group, Id id) {
  return db.query(kAnyPendingFrom).bind(group.number).bind(id).next();
}

/// As hold_entry, for many entries in order. New entries come after all pending ones, unless the group was set back.
std::int64_t hold_all(Database& db, BulkInsert& bulk_insert, std::span<const NewRow> entries, const GroupRow& group,
                      const ConsumerRow& consumer, UnixMs now, Turns& turns) {
  if (entries.size() >= BulkInsert::kMany && !turns.counts() && !any_pending_from(db, group, entries.front().id)) {
    bulk_insert.hold(entries, group, consumer, now);
    return static_cast<std::int64_t>(entries.size());
  }
  Query hold = db.query(kHold);
  std::int64_t held = 0;
  for (const NewRow& entry : entries) {
    held += hold_with(hold, db, group, {entry.n, entry.id}, consumer, now, turns.next());
  }
  return held;
}

/// `claims`: pending entries were asked for, too, and are in `out` already.
void deliver_new(Database& db, BulkInsert& bulk_insert, const Xreadgroup& request, bool claims, StreamAndGroup& at,
                 const ConsumerRow& consumer, UnixMs now, ReadRoom& room, std::vector<Entry>& out) {
  if (room.is_used_up() || (request.count && out.size() >= *request.count)) {
    return;
  }
  const auto next = next_undelivered(db, at);
  if (!next) {
    return;
  }
  const StreamShape shape = shape_of(db, at.stream);
  GroupRow& group = at.group;
  std::vector<NewRow> given;
  {
    Query entries = db.query(kUndelivered);
    entries.bind(next->n)
        .bind(at.stream.tail)
        .bind_limit(room.most(request.count ? std::optional(*request.count - out.size()) : std::nullopt));
    std::optional<Id> before = group.last;
    while (entries.next()) {
      const EntryRow entry{entries.integer(0), entries.id(1)};
      if (!follows(db, before, entry.id, {})) {
        return;
      }
      auto fields = Fields::from_json(std::string(entries.bytes(3)));
      if (!room.take(fields)) {
        break;
      }
      if (!request.noack) {
        given.push_back({entry.n, entry.id, {}});
      }
      group.entries_read = entries_read_after(shape, group.last, group.entries_read, entry.id);
      group.last = entry.id;
      group.next = entry.n + 1;
      out.push_back({entry.id, std::move(fields), 1, claims ? std::optional(HeldBefore()) : std::nullopt});
    }
  }
  Turns turns(db, at);
  const std::int64_t held = hold_all(db, bulk_insert, given, group, consumer, now, turns);
  add_pending(db, group.number, consumer.number, held);
  turns.save();
  save_group(db, group);
  if (held > 0) {
    consumer_active(db, consumer, now);
  }
}

constexpr const char* kHistory =
    "SELECT p.ms, p.seq, p.deliveries, e.fields, p.n FROM weir_pending p LEFT JOIN weir_entries e ON e.n = p.n "
    "WHERE p.consumer = ? AND (p.ms, p.seq) > (?, ?) ORDER BY p.ms, p.seq LIMIT ?";
constexpr const char* kDeliverAgain =
    "UPDATE weir_pending SET delivered_ms = ?, deliveries = ?, turn = ? WHERE grp = ? AND ms = ? AND seq = ?";

void deliver_history(Database& db, const Xreadgroup& request, const StreamAndGroup& at, const ConsumerRow& consumer,
                     Id after, UnixMs now, ReadRoom& room, std::vector<Entry>& out) {
  if (room.is_used_up()) {
    return;
  }
  {
    Query query = db.query(kHistory);
    query.bind(consumer.number).bind(after).bind_limit(room.most(request.count));
    std::optional<Id> before = after;
    while (query.next() && follows(db, before, query.id(0), {})) {
      const Id id = query.id(0);
      const auto deliveries = static_cast<std::uint64_t>(query.integer(2));
      auto json = query.is_null(3) ? std::nullopt : std::optional(std::string(query.bytes(3)));
      if (query.integer(4) == kUnplaced) {
        json = pending_fields(db, at.stream, kUnplaced, id);
      }
      auto fields = json ? std::optional(Fields::from_json(std::move(*json))) : std::nullopt;
      if (!room.take(fields)) {
        break;
      }
      if (fields) {
        out.push_back({id, std::move(fields), std::min(deliveries + 1, kMost)});
      } else {
        out.push_back({id, std::nullopt, deliveries});
      }
    }
  }
  Turns turns(db, at);
  Query again = db.query(kDeliverAgain);
  for (const Entry& entry : out) {
    if (entry.fields) {
      again.bind(now.count())
          .bind(static_cast<std::int64_t>(*entry.deliveries))
          .bind(turns.next())
          .bind(at.group.number)
          .bind(entry.id)
          .run();
      again.again();
    }
  }
  turns.save();
}

}  // namespace

std::int64_t hold_entry(Database& db, const GroupRow& group, const EntryRow& entry, const ConsumerRow& consumer,
                        UnixMs now, std::optional<std::int64_t> turn) {
  Query hold = db.query(kHold);
  return hold_with(hold, db, group, entry, consumer, now, turn);
}

Result<Change<StreamEntries>> Tables::deliver(const Xreadgroup& request, const std::vector<Served>& served) {
  // Finds all groups before anything changes, so that a refusal leaves nothing behind.
  std::vector<StreamAndGroup> places;
  for (const auto& source : request.sources) {
    const auto at = find_stream_and_group(db_, source.stream, request.group);
    if (!at) {
      return db_.refuse(no_key_or_group_to_read(source.stream, request.group));
    }
    places.push_back(*at);
  }
  WEIR_TRY(check_room());
  const UnixMs now = unix_now();
  StreamEntries reply;
  const auto first_history = static_cast<std::size_t>(
      std::ranges::find_if(request.sources, [](const auto& source) { return source.history_after.has_value(); }) -
      request.sources.begin());
  bool delivered = false;
  ReadRoom room(request.limit, room_left_);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& source = request.sources[i];
    for (std::size_t earlier = i; earlier-- > 0;) {
      if (request.sources[earlier].stream == source.stream) {
        places[i] = places[earlier];  // the same stream again: goes on where the last reading left the group
        break;
      }
    }
    const ConsumerRow consumer = seen_consumer(db_, places[i].group, request.consumer, now);
    Entries entries{source.stream, {}, false};
    if (source.history_after) {
      deliver_history(db_, request, places[i], consumer, *source.history_after, now, room, entries.entries);
    } else {
      const bool claims = request.claim && i < first_history;
      const Served all;
      const Served nothing{false, false};
      const Served& turn = places[i].group.is_paused(now) ? nothing : served.empty() ? all : served[i];
      if (claims && turn.claims && !room.is_used_up()) {
        claim_pending(db_, places[i], consumer, *request.claim, request.count, now, room, entries.entries);
      }
      if (turn.fresh) {
        deliver_new(db_, bulk_insert_, request, claims, places[i], consumer, now, room, entries.entries);
      }
    }
    delivered = delivered || !entries.entries.empty();
    if (source.history_after || !entries.entries.empty()) {
      reply.push_back(std::move(entries));
    }
  }
  return Change(std::move(reply), delivered ? Worth::sync : Worth::commit);
}

}  // namespace weir::sqlite
