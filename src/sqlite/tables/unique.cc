#include "sqlite/tables/unique.h"

#include "sqlite/tables/tables.h"
#include "stream/refusals.h"
#include "stream/unique.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kSave =
    "INSERT OR REPLACE INTO weir_keys(stream, producer, key, turn, ms, seq, added_ms) VALUES (?, '', ?, ?, ?, ?, ?)";

constexpr const char* kFind = "SELECT turn, ms, seq FROM weir_keys WHERE stream = ? AND producer = '' AND key = ?";
constexpr const char* kIsDelayed = "SELECT 1 FROM weir_delayed WHERE stream = ? AND due_ms = ? AND seq = ?";
// A group that was set back counts as having been given the entry if the entry is still pending in it.
constexpr const char* kWasGiven =
    "SELECT EXISTS (SELECT 1 FROM weir_groups g WHERE g.stream = ?1 AND ((g.last_ms, g.last_seq) >= (?2, ?3)"
    " OR EXISTS (SELECT 1 FROM weir_pending p WHERE p.grp = g.grp AND p.ms = ?2 AND p.seq = ?3)))";

/// The waiting message with this key.
std::optional<std::variant<Id, Handle>> find_waiting(Database& db, const StreamRow& stream, std::string_view key) {
  if (!stream.has(kHasKeys)) {
    return std::nullopt;
  }
  std::optional<std::int64_t> n;
  Id id;
  {
    Query query = db.query(kFind);
    if (!query.bind(stream.number).bind_name(key).next()) {
      return std::nullopt;
    }
    n = query.maybe_integer(0);
    id = query.id(1);
  }
  if (!n) {
    const Handle handle{UnixMs(static_cast<std::int64_t>(id.ms)), id.seq};
    Query query = db.query(kIsDelayed);
    const bool waits = stream.has(kHasDelayed) && query.bind(stream.number).bind(id).next();
    return waits ? std::optional(std::variant<Id, Handle>(handle)) : std::nullopt;
  }
  const auto entry = entry_at_or_after(db, stream, *n);
  if (!entry || entry->n != *n || entry->id != id) {
    return std::nullopt;
  }
  Query query = db.query(kWasGiven);
  const bool given = query.bind(stream.number).bind(id).next() && query.integer(0) != 0;
  return given ? std::nullopt : std::optional(std::variant<Id, Handle>(id));
}

constexpr const char* kDropSome =
    "DELETE FROM weir_keys WHERE stream = ?1 AND producer = '' AND key IN (SELECT key FROM weir_keys WHERE stream = ?1"
    " AND producer = '' AND turn < ?2 ORDER BY turn LIMIT 2)";

/// Each new key drops up to two old ones, so that keys do not pile up if entries are deleted one by one.
void drop_some_keys(Database& db, const StreamRow& stream) {
  const auto first = first_entry(db, stream);
  db.query(kDropSome).bind(stream.number).bind(first ? first->n : stream.tail).run();
}

}  // namespace

void save_key(Database& db, StreamRow& stream, std::string_view key, const EntryRow& entry, UnixMs now) {
  add_flags(db, stream, kHasKeys);
  db.query(kSave).bind(stream.number).bind_name(key).bind(entry.n).bind(entry.id).bind(now.count()).run();
}

void save_key(Database& db, StreamRow& stream, std::string_view key, const Handle& handle, UnixMs now) {
  add_flags(db, stream, kHasKeys);
  db.query(kSave)
      .bind(stream.number)
      .bind_name(key)
      .bind(std::optional<std::int64_t>())
      .bind(handle.due.count())
      .bind(static_cast<std::int64_t>(handle.number))
      .bind(now.count())
      .run();
}

constexpr const char* kDrop = "DELETE FROM weir_keys WHERE stream = ? AND producer = '' AND key = ?";

void drop_key(Database& db, const StreamRow& stream, std::string_view key) {
  db.query(kDrop).bind(stream.number).bind_name(key).run();
}

constexpr const char* kDropBefore = "DELETE FROM weir_keys WHERE stream = ? AND producer = '' AND turn < ?";

void drop_keys_before(Database& db, const StreamRow& stream, std::int64_t n) {
  if (stream.has(kHasKeys)) {
    db.query(kDropBefore).bind(stream.number).bind(n).run();
  }
}

Result<Change<std::optional<Placed>>> Tables::add_unique(const Xadd& entry, const std::string& key,
                                                         const std::optional<Due>& due) {
  std::optional<Placed> placed;
  const int before = sqlite3_total_changes(db_.handle());
  auto stream = find_stream(db_, entry.stream);
  if (!stream && !entry.make_stream) {
    return Change(placed, Worth::nothing);
  }
  if (stream) {
    if (const auto place = find_waiting(db_, *stream, key)) {
      placed = Placed{*place, false};
      return Change(placed, sqlite3_total_changes(db_.handle()) == before ? Worth::nothing : Worth::sync);
    }
  }
  if (due) {
    WEIR_ASSIGN(const Handle handle, delay_with_key(entry, *due, key));
    placed = Placed{handle, true};
    return Change(placed);
  }
  WEIR_ASSIGN(auto change, append(std::span(&entry, 1)));
  WEIR_ASSIGN(const MaybeId id, std::move(change.reply.front()));
  if (!id) {
    return Change(placed);
  }
  placed = Placed{*id, true};
  stream = find_stream(db_, entry.stream);
  // The entry need not be the stream's last: find_stream may have appended messages that became due meanwhile.
  if (const auto n = stream ? position_of(db_, *stream, *id) : std::nullopt) {
    save_key(db_, *stream, key, EntryRow{*n, *id}, unix_now());
    drop_some_keys(db_, *stream);
  }
  return Change(placed);
}

constexpr const char* kOfEntries =
    "SELECT key, ms, seq FROM weir_keys WHERE stream = ? AND producer = '' AND turn IS NOT NULL ORDER BY turn";

Result<std::vector<UniqueKey>> Tables::unique_keys(const std::string& name) {
  std::vector<UniqueKey> keys;
  const auto stream = find_stream(db_, name);
  if (stream && stream->has(kHasKeys)) {
    Query query = db_.query(kOfEntries);
    query.bind(stream->number);
    while (query.next()) {
      keys.push_back({std::string(query.bytes(0)), query.id(1)});
    }
  }
  return keys;
}

Result<Change<Ok>> Tables::set_unique_keys(const std::string& name, std::span<const UniqueKey> keys) {
  auto stream = find_stream(db_, name);
  if (!stream) {
    return db_.refuse(kNoSuchKey);
  }
  const UnixMs now = unix_now();
  for (const UniqueKey& key : keys) {
    if (const auto n = position_of(db_, *stream, key.id)) {
      save_key(db_, *stream, key.key, EntryRow{*n, key.id}, now);
    }
  }
  return Change(Ok());
}

}  // namespace weir::sqlite
