// Sources that are copied into a stream, and the name of a stream as a source. Both are rows of weir_keys whose
// producer is a number, so that they differ from rows of real producers, whose names are text.
#include "stream/receiving.h"

#include "sqlite/tables/rows.h"
#include "sqlite/tables/tables.h"
#include "stream/refusals.h"
#include "system/clock.h"
#include "system/random.h"

namespace weir::sqlite {
namespace {

constexpr const char* kPlace = "SELECT ms, seq FROM weir_keys WHERE stream = ? AND producer = 0 AND key = ?";
constexpr const char* kSavePlace =
    "INSERT OR REPLACE INTO weir_keys(stream, producer, key, ms, seq, added_ms) VALUES (?, 0, ?, ?, ?, ?)";

std::optional<Id> place_of(Database& db, const StreamRow& stream, const std::string& source) {
  if (!stream.has(kHasKeys)) {
    return std::nullopt;
  }
  Query query = db.query(kPlace);
  return query.bind(stream.number).bind_name(source).next() ? std::optional(query.id(0)) : std::nullopt;
}

constexpr const char* kName = "SELECT key FROM weir_keys WHERE stream = ? AND producer = 1 LIMIT 1";
constexpr const char* kSaveName =
    "INSERT INTO weir_keys(stream, producer, key, ms, seq, added_ms) VALUES (?, 1, ?, 0, 0, ?)";

std::optional<std::string> name_of(Database& db, const StreamRow& stream) {
  if (!stream.has(kHasKeys)) {
    return std::nullopt;
  }
  Query query = db.query(kName);
  return query.bind(stream.number).next() ? std::optional(std::string(query.bytes(0))) : std::nullopt;
}

}  // namespace

Result<Change<std::string>> Tables::source_name(const std::string& name) {
  auto stream = find_stream(db_, name);
  if (!stream) {
    return db_.refuse(kNoSuchKey);
  }
  if (auto known = name_of(db_, *stream)) {
    return Change(std::move(*known), Worth::nothing);
  }
  std::string made = random_name();
  add_flags(db_, *stream, kHasKeys);
  db_.query(kSaveName).bind(stream->number).bind_name(made).bind(unix_now().count()).run();
  return Change(std::move(made));
}

Result<Change<bool>> Tables::acknowledge_source(const std::string& name, const Xack& request) {
  const auto stream = find_stream(db_, request.stream);
  if (!stream || name_of(db_, *stream) != name) {
    return Change(false, Worth::nothing);
  }
  WEIR_ASSIGN(const auto done, run(request));
  return Change(true, done.worth);
}

Result<std::optional<Id>> Tables::received(const std::string& name, const std::string& source) {
  const auto stream = find_stream(db_, name);
  return stream ? place_of(db_, *stream, source) : std::nullopt;
}

Result<Change<Received>> Tables::receive(const std::string& source, std::optional<Id> place,
                                         std::span<const Xadd> entries, std::span<const Id> places) {
  const std::string& name = entries.front().stream;
  auto stream = find_stream(db_, name);
  if (const auto now = stream ? place_of(db_, *stream, source) : std::nullopt; now != place) {
    return Change(Received{0, now}, Worth::nothing);
  }
  WEIR_ASSIGN(auto added, append(entries));
  const std::uint64_t count = added.reply.size() - (added.reply.back() ? 0 : 1);
  if (count == 0) {
    return tl::unexpected<Error>(added.reply.front().error());
  }
  if (!stream) {
    WEIR_ASSIGN(stream, existing_stream(db_, name));
  }
  add_flags(db_, *stream, kHasKeys);
  db_.query(kSavePlace).bind(stream->number).bind_name(source).bind(places[count - 1]).bind(unix_now().count()).run();
  return Change(Received{count, places[count - 1]});
}

}  // namespace weir::sqlite
