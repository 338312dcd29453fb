#include "sqlite/tables/rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "sqlite/tables/damage.h"
#include "sqlite/tables/delayed.h"
#include "sqlite/tables/stream_numbers.h"
#include "stream/refusals.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

/// A range of positions in which an ID is looked for, `high` exclusive, and the IDs at (or just before) its ends.
struct Span {
  std::int64_t low;
  std::int64_t high;
  Id low_id;
  Id high_id;
};

/// The position of the ID if IDs grow evenly; always within the span.
std::int64_t in_proportion(const Span& span, Id id) {
  if (id.ms <= span.low_id.ms || span.high_id.ms <= span.low_id.ms) {
    return span.low;
  }
  const double part =
      static_cast<double>(id.ms - span.low_id.ms) / static_cast<double>(span.high_id.ms - span.low_id.ms);
  const auto offset = static_cast<std::int64_t>(part * static_cast<double>(span.high - span.low));
  return std::min(span.low + offset, span.high - 1);
}

}  // namespace

void StreamRow::appended(Id last_id, std::int64_t count) {
  length += count;
  // Unsigned, since XSETID may have set `added` to any 64-bit number.
  added = static_cast<std::int64_t>(static_cast<std::uint64_t>(added) + static_cast<std::uint64_t>(count));
  tail += count;
  last = last_id;
}

constexpr const char* kFindStream =
    "SELECT stream, length, added, last_ms, last_seq, deleted_ms, deleted_seq, tail, renamed, flags, due_ms, "
    "n, ms, seq FROM weir_streams LEFT JOIN weir_entries ON n >= tail AND n < (stream + 1) << 42 WHERE name = ? "
    "ORDER BY n DESC LIMIT 1";

namespace {

/// Counts the entries that were appended since the row was saved; `last` is the last of them. False: they cannot be
/// counted, and the failure is noted with the database.
bool count(Database& db, StreamRow& row, const EntryRow& last) {
  std::optional<Id> before = row.last;
  if (!follows(db, before, last.id, {})) {
    return false;
  }
  row.appended(last.id, last.n + 1 - row.tail);
  return true;
}

std::optional<StreamRow> read_stream(Database& db, std::string_view name) {
  Query query = db.query(kFindStream);
  if (!query.bind_name(name).next()) {
    return std::nullopt;
  }
  StreamRow row;
  row.number = query.integer(0);
  row.length = query.integer(1);
  row.added = query.integer(2);
  row.last = query.id(3);
  row.max_deleted = query.id(5);
  row.tail = query.integer(7);
  row.renamed = query.integer(8) != 0;
  row.flags = query.integer(9);
  if (row.has(kHasDelayed) && !query.is_null(10)) {
    row.due = UnixMs(query.integer(10));
  }
  if (!is_sound(db, row, name) || (!query.is_null(11) && !count(db, row, EntryRow{query.integer(11), query.id(12)}))) {
    return std::nullopt;
  }
  return row;
}

void append_what_is_due(Database& db, StreamRow& row, std::string_view name) {
  if (!row.due) {
    return;
  }
  if (const UnixMs now = unix_now(); *row.due > now) {
    return;
  } else if (sqlite3_txn_state(db.handle(), "main") == SQLITE_TXN_WRITE) {
    append_due(db, row, now);
  } else {
    db.note_stale(name);
  }
}

}  // namespace

std::optional<StreamRow> find_stream(Database& db, std::string_view name) {
  auto row = read_stream(db, name);
  if (row) {
    append_what_is_due(db, *row, name);
  }
  return row;
}

std::optional<StreamRow> LastStream::find(Database& db, std::string_view name) const {
  if (name != name_ || db.version() != version_) {
    return find_stream(db, name);
  }
  StreamRow row = row_;
  append_what_is_due(db, row, name);
  return row;
}

void LastStream::note(const Database& db, std::string_view name, const StreamRow& row) {
  name_ = name;
  row_ = row;
  version_ = db.version();
}

Result<StreamRow> existing_stream(Database& db, std::string_view name) {
  const auto stream = find_stream(db, name);
  if (!stream) {
    return db.refuse(kNoSuchKey);
  }
  return *stream;
}

constexpr const char* kMakeStream = "INSERT INTO weir_streams(stream, name, tail) VALUES (?, ?, ?)";

StreamRow make_stream(Database& db, std::string_view name) {
  StreamRow row;
  const auto number = new_stream_number(db);
  if (!number) {
    db.note_failure(Error{Failure::store, db.path() + ": there are " + std::to_string(kMaxStreams) +
                                              " streams, and no more can be made"});
  }
  row.number = number.value_or(0);
  row.tail = row.begin();
  db.query(kMakeStream).bind(row.number).bind_name(name).bind(row.tail).run();
  return row;
}

constexpr const char* kSaveStream =
    "UPDATE weir_streams SET length = ?, added = ?, last_ms = ?, last_seq = ?, deleted_ms = ?, deleted_seq = ?, "
    "tail = ? WHERE stream = ?";

void save_stream(Database& db, const StreamRow& stream) {
  db.query(kSaveStream)
      .bind(stream.length)
      .bind(stream.added)
      .bind(stream.last)
      .bind(stream.max_deleted)
      .bind(stream.tail)
      .bind(stream.number)
      .run();
}

void save_appended(Database& db, const StreamRow& before, const StreamRow& stream) {
  const bool only_more =
      stream.length - before.length == stream.tail - before.tail && stream.max_deleted == before.max_deleted;
  if (!only_more) {
    save_stream(db, stream);
  }
}

constexpr const char* kSaveFlags = "UPDATE weir_streams SET flags = ? WHERE stream = ?";

void add_flags(Database& db, StreamRow& stream, std::int64_t flags) {
  if ((stream.flags & flags) != flags) {
    stream.flags |= flags;
    db.query(kSaveFlags).bind(stream.flags).bind(stream.number).run();
  }
}

StreamShape shape_of(Database& db, const StreamRow& stream) {
  const auto first = first_entry(db, stream);
  return {stream.length, stream.added, first ? first->id : kMinId, stream.last, stream.max_deleted};
}

constexpr const char* kFindGroup =
    "SELECT grp, stream, last_ms, last_seq, next, entries_read, paused_ms FROM weir_groups WHERE stream = ? AND name = "
    "?";

std::optional<GroupRow> find_group(Database& db, const StreamRow& stream, std::string_view name) {
  Query query = db.query(kFindGroup);
  if (!query.bind(stream.number).bind_name(name).next()) {
    return std::nullopt;
  }
  GroupRow row{query.integer(0), query.integer(1), query.id(2), query.integer(4), query.maybe_integer(5)};
  if (const auto until = query.maybe_integer(6)) {
    row.paused_until = UnixMs(*until);
  }
  return row;
}

std::optional<StreamAndGroup> find_stream_and_group(Database& db, std::string_view stream, std::string_view group) {
  const auto stream_row = find_stream(db, stream);
  if (!stream_row) {
    return std::nullopt;
  }
  const auto group_row = find_group(db, *stream_row, group);
  if (!group_row) {
    return std::nullopt;
  }
  return StreamAndGroup{*stream_row, *group_row};
}

Result<StreamAndGroup> existing_stream_and_group(Database& db, const std::string& stream, const std::string& group) {
  const auto at = find_stream_and_group(db, stream, group);
  if (!at) {
    return db.refuse(no_key_or_group(stream, group));
  }
  return *at;
}

constexpr const char* kSaveGroup =
    "UPDATE weir_groups SET last_ms = ?, last_seq = ?, next = ?, entries_read = ? WHERE grp = ?";

void save_group(Database& db, const GroupRow& group) {
  db.query(kSaveGroup).bind(group.last).bind(group.next).bind(group.entries_read).bind(group.number).run();
}

constexpr const char* kFindConsumer = "SELECT consumer, pending FROM weir_consumers WHERE grp = ? AND name = ?";

std::optional<ConsumerRow> find_consumer(Database& db, const GroupRow& group, std::string_view name) {
  Query query = db.query(kFindConsumer);
  if (!query.bind(group.number).bind_name(name).next()) {
    return std::nullopt;
  }
  return ConsumerRow{query.integer(0), query.integer(1)};
}

constexpr const char* kSeenConsumer =
    "INSERT INTO weir_consumers(grp, name, seen_ms) VALUES (?, ?, ?) "
    "ON CONFLICT(grp, name) DO UPDATE SET seen_ms = excluded.seen_ms RETURNING consumer, pending";

ConsumerRow seen_consumer(Database& db, const GroupRow& group, std::string_view name, UnixMs now) {
  Query query = db.query(kSeenConsumer);
  ConsumerRow row;
  if (query.bind(group.number).bind_name(name).bind(now.count()).next()) {
    row = {query.integer(0), query.integer(1)};
    query.run();
  }
  return row;
}

constexpr const char* kConsumerActive = "UPDATE weir_consumers SET active_ms = ? WHERE consumer = ?";

void consumer_active(Database& db, const ConsumerRow& consumer, UnixMs now) {
  db.query(kConsumerActive).bind(now.count()).bind(consumer.number).run();
}

constexpr const char* kEntryFrom = "SELECT n, ms, seq FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n LIMIT 1";

std::optional<EntryRow> entry_at_or_after(Database& db, const StreamRow& stream, std::int64_t n) {
  Query query = db.query(kEntryFrom);
  if (!query.bind(std::max(n, stream.begin())).bind(stream.tail).next()) {
    return std::nullopt;
  }
  return EntryRow{query.integer(0), query.id(1)};
}

std::optional<EntryRow> first_entry(Database& db, const StreamRow& stream) {
  return entry_at_or_after(db, stream, stream.begin());
}

std::int64_t lower_bound(Database& db, const StreamRow& stream, Id id) {
  if (id > stream.last || stream.length == 0) {
    return stream.tail;
  }
  if (id == kMinId) {
    return stream.begin();
  }
  // A position whose entry was deleted counts as having the ID of the next entry. IDs mostly grow evenly, as time does,
  // so a proportional guess and the middle are tried in turn: this takes a few steps if the guess fits, else twice as
  // many as a bisection.
  Span span{stream.begin(), stream.tail, kMinId, stream.last};
  if (const auto first = first_entry(db, stream)) {
    span.low = first->n;
    span.low_id = first->id;
  }
  for (bool guess = true; span.low < span.high && !db.failed(); guess = !guess) {
    const std::int64_t probe = guess ? in_proportion(span, id) : span.low + (span.high - span.low) / 2;
    const auto entry = entry_at_or_after(db, stream, probe);
    if (entry && entry->id < id) {
      span.low = entry->n + 1;
      span.low_id = entry->id;
    } else {
      span.high = probe;
      span.high_id = entry ? entry->id : span.high_id;
    }
  }
  return span.low;
}

std::int64_t upper_bound(Database& db, const StreamRow& stream, Id id) {
  const auto next = next_id(id);
  return next ? lower_bound(db, stream, *next) : stream.tail;
}

std::optional<std::int64_t> position_of(Database& db, const StreamRow& stream, Id id) {
  const auto entry = entry_at_or_after(db, stream, lower_bound(db, stream, id));
  return entry && entry->id == id ? std::optional(entry->n) : std::nullopt;
}

constexpr const char* kFieldsAt = "SELECT ms, seq, fields FROM weir_entries WHERE n = ?";

std::optional<std::string> fields_at(Database& db, std::int64_t n, Id id) {
  Query query = db.query(kFieldsAt);
  if (!query.bind(n).next() || query.id(0) != id) {
    return std::nullopt;
  }
  return std::string(query.bytes(2));
}

std::optional<EntryRow> next_undelivered(Database& db, const StreamAndGroup& at) {
  if (at.stream.length == 0 || at.stream.last <= at.group.last) {
    return std::nullopt;
  }
  auto next = entry_at_or_after(db, at.stream, at.group.next);
  if (next && next->id <= at.group.last) {
    // The group was set to an ID that the stream had not reached: entries up to there are never delivered.
    const std::int64_t passed_over = next->n;
    next = entry_at_or_after(db, at.stream, upper_bound(db, at.stream, at.group.last));
    if (next && (next->n <= passed_over || next->id <= at.group.last)) {
      db.note_damage(fmt::format("{} stands where a group has been already", to_string(next->id)));
      return std::nullopt;
    }
  }
  return next;
}

}  // namespace weir::sqlite
