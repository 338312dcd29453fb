// XTRIM, XDEL, XSETID: they make a stream shorter, or move its end.
#include "sqlite/tables/trim.h"

#include <vector>

#include "sqlite/tables/references.h"
#include "sqlite/tables/tables.h"
#include "sqlite/tables/unique.h"

namespace weir::sqlite {
namespace {

constexpr const char* kNth = "SELECT n FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n LIMIT 1 OFFSET ?";
constexpr const char* kCountBefore = "SELECT count(*) FROM weir_entries WHERE n >= ? AND n < ?";
constexpr const char* kDeleteBefore = "DELETE FROM weir_entries WHERE n >= ? AND n < ?";
constexpr const char* kUnreferenced =
    "SELECT n FROM weir_entries e WHERE n >= ? AND n < ? AND NOT EXISTS (SELECT 1 FROM weir_groups g "
    "JOIN weir_pending p ON p.grp = g.grp AND p.ms = e.ms AND p.seq = e.seq WHERE g.stream = ?) ORDER BY n LIMIT ?";
constexpr const char* kDelete = "DELETE FROM weir_entries WHERE n = ?";
// No entries lie beyond the new last ID, so these pending rows have lost theirs.
constexpr const char* kUnplace =
    "UPDATE weir_pending SET n = 0 WHERE grp IN (SELECT grp FROM weir_groups WHERE stream = ?) AND (ms, seq) > (?, ?)";
constexpr const char* kLastEntry = "SELECT ms, seq FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n DESC LIMIT 1";

/// With `~` entries are deleted in whole pieces of this size, as Redis frees whole nodes of a hundred.
constexpr std::uint64_t kPiece = 100;

/// Deletes entries that every group has been given and none has pending; passes over entries that are pending.
std::uint64_t trim_acknowledged(Database& db, StreamRow& stream, const Trim& how) {
  const auto length = static_cast<std::uint64_t>(stream.length);
  std::uint64_t most = length;
  std::int64_t end = first_undelivered(db, stream);
  if (how.by == Trim::By::maxlen) {
    most = length > how.maxlen ? length - how.maxlen : 0;
  } else {
    end = std::min(end, lower_bound(db, stream, how.minid));
  }
  if (how.limit != 0) {
    most = std::min(most, how.limit);
  }
  std::vector<std::int64_t> positions;
  if (most > 0) {
    Query query = db.query(kUnreferenced);
    query.bind(stream.begin()).bind(end).bind(stream.number).bind_limit(most);
    while (query.next()) {
      positions.push_back(query.integer(0));
    }
  }
  for (const std::int64_t n : positions) {
    db.query(kDelete).bind(n).run();
  }
  stream.length -= static_cast<std::int64_t>(positions.size());
  if (!positions.empty() && stream.has(kHasKeys)) {
    const auto first = first_entry(db, stream);
    drop_keys_before(db, stream, first ? first->n : stream.tail);
  }
  return positions.size();
}

}  // namespace

bool delete_entry(Database& db, StreamRow& stream, Id id, std::int64_t& near) {
  auto entry = entry_at_or_after(db, stream, near);
  if (!entry || entry->id != id) {
    const auto n = position_of(db, stream, id);
    if (!n) {
      return false;
    }
    entry = EntryRow{*n, id};
  }
  db.query(kDelete).bind(entry->n).run();
  near = entry->n + 1;
  if (stream.length == 0) {
    db.note_damage("a stream has more entries than are counted");
    return false;
  }
  --stream.length;
  stream.max_deleted = std::max(stream.max_deleted, id);
  return true;
}

std::uint64_t trim(Database& db, StreamRow& stream, const Trim& how) {
  if (how.references == References::acked) {
    return trim_acknowledged(db, stream, how);
  }
  std::uint64_t surplus = 0;
  const auto length = static_cast<std::uint64_t>(stream.length);
  if (how.by == Trim::By::maxlen) {
    surplus = length > how.maxlen ? length - how.maxlen : 0;
  } else {
    Query query = db.query(kCountBefore);
    const std::int64_t end = lower_bound(db, stream, how.minid);
    query.bind(stream.begin()).bind(end).next();
    surplus = static_cast<std::uint64_t>(query.integer(0));
  }
  if (how.approximate && how.references != References::keep) {
    surplus = how.limit != 0 ? std::min(surplus, how.limit) : surplus;
  } else if (how.approximate) {
    if (how.limit != 0) {
      surplus = std::min(surplus, how.limit);
    }
    surplus -= surplus % kPiece;
  }
  if (surplus == 0) {
    return 0;
  }
  std::int64_t end = stream.tail;
  bool there = surplus <= length;
  if (surplus < length) {
    Query query = db.query(kNth);
    there = query.bind(stream.begin()).bind(stream.tail).bind(static_cast<std::int64_t>(surplus)).next();
    end = query.integer(0);
  }
  if (!there) {
    db.note_damage("a stream does not have the " + std::to_string(length) + " entries that are counted");
    return 0;
  }
  if (how.references == References::remove) {
    remove_references_before(db, stream, end);
  }
  db.query(kDeleteBefore).bind(stream.begin()).bind(end).run();
  stream.length -= static_cast<std::int64_t>(surplus);
  drop_keys_before(db, stream, end);
  return surplus;
}

Result<Change<Xtrim::Reply>> Tables::run(const Xtrim& request) {
  Count removed;
  if (auto stream = find_stream(db_, request.stream)) {
    removed.value = trim(db_, *stream, request.trim);
    save_stream(db_, *stream);
  }
  return removed;
}

Result<Change<Xdel::Reply>> Tables::run(const Xdel& request) {
  Count removed;
  if (auto stream = find_stream(db_, request.stream)) {
    std::int64_t near = stream->begin();
    for (const Id id : request.ids) {
      removed.value += delete_entry(db_, *stream, id, near) ? 1 : 0;
    }
    save_stream(db_, *stream);
  }
  return removed;
}

Result<Change<Xsetid::Reply>> Tables::run(const Xsetid& request) {
  if (request.max_deleted_id && request.last_id < *request.max_deleted_id) {
    return fail(Failure::refused, "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
  }
  WEIR_ASSIGN(StreamRow stream, existing_stream(db_, request.stream));
  if (request.last_id < stream.max_deleted) {
    return db_.refuse("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  }
  if (stream.length > 0) {
    bool smaller = false;
    {
      Query top = db_.query(kLastEntry);
      smaller = top.bind(stream.begin()).bind(stream.tail).next() && request.last_id < top.id(0);
    }
    if (smaller) {
      return db_.refuse("ERR The ID specified in XSETID is smaller than the target stream top item");
    }
    if (request.entries_added && *request.entries_added < static_cast<std::uint64_t>(stream.length)) {
      return db_.refuse("ERR The entries_added specified in XSETID is smaller than the target stream length");
    }
  }
  if (request.last_id < stream.last) {
    db_.query(kUnplace).bind(stream.number).bind(request.last_id).run();
  }
  stream.last = request.last_id;
  if (request.entries_added) {
    stream.added = static_cast<std::int64_t>(*request.entries_added);
  }
  if (request.max_deleted_id && *request.max_deleted_id != kMinId) {
    stream.max_deleted = *request.max_deleted_id;
  }
  save_stream(db_, stream);
  return Ok();
}

}  // namespace weir::sqlite
