// DEL, EXISTS, RENAME, TYPE, KEYS, FLUSHALL: whole streams.
#include <algorithm>

#include "sqlite/refusals.h"
#include "sqlite/sqlite_engine.h"
#include "util/glob.h"
#include "util/text.h"

namespace weir::sqlite {
namespace {

constexpr const char* kDropEntries = "DELETE FROM weir_entries WHERE n >= ? AND n < ?";
// One statement for all groups of a stream: there may be many.
constexpr const char* kDropPendingOf =
    "DELETE FROM weir_pending WHERE grp IN (SELECT grp FROM weir_groups WHERE stream = ?)";
constexpr const char* kDropConsumersOf =
    "DELETE FROM weir_consumers WHERE grp IN (SELECT grp FROM weir_groups WHERE stream = ?)";
constexpr const char* kDropGroupsOf = "DELETE FROM weir_groups WHERE stream = ?";
constexpr const char* kDropStream = "DELETE FROM weir_streams WHERE stream = ?";
constexpr const char* kDropPending = "DELETE FROM weir_pending WHERE grp = ?";
constexpr const char* kDropConsumers = "DELETE FROM weir_consumers WHERE grp = ?";
constexpr const char* kDropGroup = "DELETE FROM weir_groups WHERE grp = ?";
constexpr const char* kRename = "UPDATE weir_streams SET name = ?, renamed = 1 WHERE stream = ?";
constexpr const char* kNames = "SELECT name FROM weir_streams ORDER BY name";
// From a name on, up to where names with the same beginning end. Names that are not text sort after all that are.
constexpr const char* kNamesFrom = "SELECT name FROM weir_streams WHERE name >= ? AND name <= ? ORDER BY name LIMIT ?";
constexpr const char* kLastName =
    "SELECT name FROM weir_streams WHERE name >= ? AND name <= ? ORDER BY name DESC LIMIT 1";
constexpr const char* kFlush =
    "DELETE FROM weir_entries; DELETE FROM weir_pending; DELETE FROM weir_consumers; DELETE FROM weir_groups; "
    "DELETE FROM weir_streams";

}  // namespace

void SqliteEngine::delete_group(std::int64_t group) {
  db_.query(kDropPending).bind(group).run();
  db_.query(kDropConsumers).bind(group).run();
  db_.query(kDropGroup).bind(group).run();
}

void SqliteEngine::delete_stream(const StreamRow& stream) {
  db_.query(kDropEntries).bind(stream.begin()).bind(stream.tail).run();
  db_.query(kDropPendingOf).bind(stream.number).run();
  db_.query(kDropConsumersOf).bind(stream.number).run();
  db_.query(kDropGroupsOf).bind(stream.number).run();
  db_.query(kDropStream).bind(stream.number).run();
}

Result<Del::Reply> SqliteEngine::run(const Del& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  Count deleted;
  for (const std::string& name : request.streams) {
    if (const auto stream = find_stream(name)) {
      delete_stream(*stream);
      ++deleted.value;
    }
  }
  WEIR_TRY(transaction.commit());
  return deleted;
}

Result<Exists::Reply> SqliteEngine::run(const Exists& request) {
  const ReadTransaction transaction(*this);
  const auto found =
      std::ranges::count_if(request.streams, [this](const auto& name) { return find_stream(name).has_value(); });
  return checked(db_, Count{static_cast<std::uint64_t>(found)});
}

Result<Rename::Reply> SqliteEngine::run(const Rename& request) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  const auto from = find_stream(request.from);
  if (!from) {
    return db_.refuse(kNoSuchKey);
  }
  if (request.from != request.to) {
    if (const auto to = find_stream(request.to)) {
      delete_stream(*to);
    }
    db_.query(kRename).bind_name(request.to).bind(from->number).run();
  }
  WEIR_TRY(transaction.commit());
  return Ok();
}

Result<Type::Reply> SqliteEngine::run(const Type& request) {
  const bool found = find_stream(request.stream).has_value();
  return checked(db_, Status{found ? "stream" : "none"});
}

Result<Keys::Reply> SqliteEngine::run(const Keys& request) {
  Names reply;
  Query query = db_.query(kNames);
  while (query.next()) {
    if (glob_match(request.pattern, query.bytes(0))) {
      reply.names.emplace_back(query.bytes(0));
    }
  }
  // TEXT sorts before BLOB: the names that are not UTF-8 come last, and go to their places here.
  std::ranges::sort(reply.names);
  return checked(db_, std::move(reply));
}

Result<Names> SqliteEngine::names_from(std::string_view prefix, std::size_t most) {
  if (!is_utf8(prefix)) {
    return Names{};
  }
  const ReadTransaction transaction(*this);
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
  return checked(db_, std::move(reply));
}

Result<Flushall::Reply> SqliteEngine::run(const Flushall&) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*this));
  db_.execute(kFlush);
  WEIR_TRY(transaction.commit());
  return Ok();
}

}  // namespace weir::sqlite
