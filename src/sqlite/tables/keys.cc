// DEL, EXISTS, RENAME, TYPE, KEYS, FLUSHALL: whole streams.
#include <algorithm>
#include <array>

#include "sqlite/tables/read_room.h"
#include "sqlite/tables/rows.h"
#include "sqlite/tables/stream_numbers.h"
#include "sqlite/tables/tables.h"
#include "text/glob.h"
#include "text/utf8.h"

namespace weir::sqlite {
namespace {

constexpr const char* kDropEntries = "DELETE FROM weir_entries WHERE n >= ? AND n < ?";

// Rows that only streams with the flag have.
constexpr std::array<std::pair<StreamFlag, const char*>, 4> kDropMore{{
    {kHasSerial, "DELETE FROM weir_serial WHERE grp IN (SELECT grp FROM weir_groups WHERE stream = ?)"},
    {kHasExtras, "DELETE FROM weir_extras WHERE stream = ?"},
    {kHasDelayed, "DELETE FROM weir_delayed WHERE stream = ?"},
    {kHasKeys, "DELETE FROM weir_keys WHERE stream = ?"},
}};

// Run in this order. Each is one statement for all groups of a stream, which may be many.
constexpr std::array kDropRest{
    "DELETE FROM weir_pending WHERE grp IN (SELECT grp FROM weir_groups WHERE stream = ?)",
    "DELETE FROM weir_consumers WHERE grp IN (SELECT grp FROM weir_groups WHERE stream = ?)",
    "DELETE FROM weir_groups WHERE stream = ?",
    "DELETE FROM weir_streams WHERE stream = ?",
};

constexpr const char* kRename = "UPDATE weir_streams SET name = ?, renamed = 1 WHERE stream = ?";
constexpr const char* kNames = "SELECT name FROM weir_streams ORDER BY name";
// Names from the first `?` on, up to the end of those with the same beginning. Names that are no text sort after all
// others.
constexpr const char* kNamesFrom = "SELECT name FROM weir_streams WHERE name >= ? AND name <= ? ORDER BY name LIMIT ?";
constexpr const char* kLastName =
    "SELECT name FROM weir_streams WHERE name >= ? AND name <= ? ORDER BY name DESC LIMIT 1";
constexpr const char* kFlush =
    "DELETE FROM weir_entries; DELETE FROM weir_pending; DELETE FROM weir_consumers; DELETE FROM weir_groups; "
    "DELETE FROM weir_extras; DELETE FROM weir_delayed; DELETE FROM weir_keys; DELETE FROM weir_serial; "
    "DELETE FROM weir_streams";

// Deletes everything of the stream, since its number may be given to another stream one day.
void delete_stream(Database& db, const StreamRow& stream) {
  retire_number(db, stream.number);
  for (const auto& [flag, drop] : kDropMore) {
    if (stream.has(flag)) {
      db.query(drop).bind(stream.number).run();
    }
  }
  db.query(kDropEntries).bind(stream.begin()).bind(stream.tail).run();
  for (const char* drop : kDropRest) {
    db.query(drop).bind(stream.number).run();
  }
}

}  // namespace

Result<Change<Del::Reply>> Tables::run(const Del& request) {
  Count deleted;
  for (const std::string& name : request.streams) {
    if (const auto stream = find_stream(db_, name)) {
      delete_stream(db_, *stream);
      ++deleted.value;
    }
  }
  return deleted;
}

Result<Exists::Reply> Tables::run(const Exists& request) {
  const auto found =
      std::ranges::count_if(request.streams, [this](const auto& name) { return find_stream(db_, name).has_value(); });
  return Count{static_cast<std::uint64_t>(found)};
}

Result<Change<Rename::Reply>> Tables::run(const Rename& request) {
  WEIR_ASSIGN(const StreamRow from, existing_stream(db_, request.from));
  if (request.from != request.to) {
    if (const auto to = find_stream(db_, request.to)) {
      delete_stream(db_, *to);
    }
    db_.query(kRename).bind_name(request.to).bind(from.number).run();
  }
  return Ok();
}

Result<Type::Reply> Tables::run(const Type& request) {
  const bool found = find_stream(db_, request.stream).has_value();
  return Status{found ? "stream" : "none"};
}

Result<Keys::Reply> Tables::run(const Keys& request) {
  WEIR_TRY(check_room());
  ReadRoom room({}, room_left_);
  Names reply;
  Query query = db_.query(kNames);
  while (query.next()) {
    if (!glob_match(request.pattern, query.bytes(0))) {
      continue;
    }
    if (!room.take_row(query.bytes(0))) {
      break;
    }
    reply.names.emplace_back(query.bytes(0));
  }
  WEIR_TRY(check_whole(room));
  // SQLite sorts TEXT before BLOB, so names that are not UTF-8 came last. Sorting moves them to their places.
  std::ranges::sort(reply.names);
  return reply;
}

Result<Names> Tables::names_from(std::string_view prefix, std::size_t most) {
  if (!is_utf8(prefix)) {
    return Names{};
  }
  const std::string end = std::string(prefix) + "\xf4\x8f\xbf\xbf";  // U+10FFFF, the last character
  Names reply;
  {
    Query query = db_.query(kNamesFrom);
    query.bind_text(prefix).bind_text(end).bind_limit(most);
    while (query.next()) {
      reply.names.emplace_back(query.bytes(0));
    }
  }
  if (reply.names.size() == most) {
    Query query = db_.query(kLastName);
    if (query.bind_text(prefix).bind_text(end).next()) {
      reply.names.back() = query.bytes(0);
    }
  }
  return reply;
}

Result<Change<Flushall::Reply>> Tables::run(const Flushall&) {
  retire_all_numbers(db_);
  db_.execute(kFlush);
  return Ok();
}

}  // namespace weir::sqlite
