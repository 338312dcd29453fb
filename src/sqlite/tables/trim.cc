// XTRIM, XDEL, XSETID: what makes a stream shorter, or moves its end.
#include "sqlite/tables/trim.h"

#include "sqlite/tables/refusals.h"
#include "sqlite/tables/tables.h"

namespace weir::sqlite {
namespace {

constexpr const char* kNth = "SELECT n FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n LIMIT 1 OFFSET ?";
constexpr const char* kCountBefore = "SELECT count(*) FROM weir_entries WHERE n >= ? AND n < ?";
constexpr const char* kDeleteBefore = "DELETE FROM weir_entries WHERE n >= ? AND n < ?";
constexpr const char* kDelete = "DELETE FROM weir_entries WHERE n = ?";
// Nothing is beyond the new last ID but what is gone.
constexpr const char* kUnplace =
    "UPDATE weir_pending SET n = 0 WHERE grp IN (SELECT grp FROM weir_groups WHERE stream = ?) AND (ms, seq) > (?, ?)";
constexpr const char* kLastEntry = "SELECT ms, seq FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n DESC LIMIT 1";

/// With `~` entries go in whole pieces of so many, as Redis frees whole nodes of a hundred.
constexpr std::uint64_t kPiece = 100;

}  // namespace

std::uint64_t trim(Database& db, StreamRow& stream, const Trim& how) {
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
  if (how.approximate) {
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
  db.query(kDeleteBefore).bind(stream.begin()).bind(end).run();
  stream.length -= static_cast<std::int64_t>(surplus);
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
    // IDs mostly come in the order of the stream: the entry after the last one is tried first.
    std::int64_t after = stream->begin();
    for (const Id id : request.ids) {
      auto entry = entry_at_or_after(db_, *stream, after);
      if (!entry || entry->id != id) {
        const auto n = position_of(db_, *stream, id);
        if (!n) {
          continue;
        }
        entry = EntryRow{*n, id};
      }
      db_.query(kDelete).bind(entry->n).run();
      after = entry->n + 1;
      ++removed.value;
      stream->max_deleted = std::max(stream->max_deleted, id);
    }
    if (removed.value > static_cast<std::uint64_t>(stream->length)) {
      db_.note_damage("a stream has more entries than are counted");
    }
    stream->length -= static_cast<std::int64_t>(removed.value);
    save_stream(db_, *stream);
  }
  return removed;
}

Result<Change<Xsetid::Reply>> Tables::run(const Xsetid& request) {
  if (request.max_deleted_id && request.last_id < *request.max_deleted_id) {
    return fail(Failure::refused, "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
  }
  auto stream = find_stream(db_, request.stream);
  if (!stream) {
    return db_.refuse(kNoSuchKey);
  }
  if (request.last_id < stream->max_deleted) {
    return db_.refuse("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  }
  if (stream->length > 0) {
    bool smaller = false;
    {
      Query top = db_.query(kLastEntry);
      smaller = top.bind(stream->begin()).bind(stream->tail).next() && request.last_id < top.id(0);
    }
    if (smaller) {
      return db_.refuse("ERR The ID specified in XSETID is smaller than the target stream top item");
    }
    if (request.entries_added && *request.entries_added < static_cast<std::uint64_t>(stream->length)) {
      return db_.refuse("ERR The entries_added specified in XSETID is smaller than the target stream length");
    }
  }
  if (request.last_id < stream->last) {
    db_.query(kUnplace).bind(stream->number).bind(request.last_id).run();
  }
  stream->last = request.last_id;
  if (request.entries_added) {
    stream->added = static_cast<std::int64_t>(*request.entries_added);
  }
  if (request.max_deleted_id && *request.max_deleted_id != kMinId) {
    stream->max_deleted = *request.max_deleted_id;
  }
  save_stream(db_, *stream);
  return Ok();
}

}  // namespace weir::sqlite
