// XADD IDMP and IDMPAUTO, and XCFGSET.
#include "sqlite/tables/idempotence.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <vector>

#include "sqlite/tables/tables.h"
#include "stream/refusals.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

/// After so many additions, old keys of producers that never came again are deleted.
constexpr std::int64_t kBetweenSweeps = 1024;

struct Settings {
  std::uint64_t duration_s = kIdmpDurationS;
  std::uint64_t maxsize = kIdmpMaxsize;
  std::uint64_t added = 0;
  std::uint64_t duplicates = 0;
};

constexpr const char* kSettings =
    "SELECT idmp_duration_s, idmp_maxsize, iids_added, iids_duplicates FROM weir_extras WHERE stream = ?";

Settings settings_of(Database& db, const StreamRow& stream) {
  Settings settings;
  if (!stream.has(kHasExtras)) {
    return settings;
  }
  Query query = db.query(kSettings);
  if (query.bind(stream.number).next()) {
    const auto or_else = [](std::optional<std::int64_t> value, std::uint64_t standard) {
      constexpr std::int64_t kMost = INT32_MAX;  // another program may have written a wrong value
      return value ? static_cast<std::uint64_t>(std::clamp<std::int64_t>(*value, 1, kMost)) : standard;
    };
    settings.duration_s = or_else(query.maybe_integer(0), settings.duration_s);
    settings.maxsize = or_else(query.maybe_integer(1), settings.maxsize);
    settings.added = static_cast<std::uint64_t>(query.integer(2));
    settings.duplicates = static_cast<std::uint64_t>(query.integer(3));
  }
  return settings;
}

/// Keys that were added at this time or before are forgotten.
UnixMs forgotten(UnixMs now, std::uint64_t duration_s) {
  return now - std::chrono::seconds(duration_s);
}

/// The key of fields, whatever their order: XXH128 of the pairs' hashes, sorted.
std::string key_of(const Fields& fields) {
  constexpr std::size_t kUsual = 16;
  std::vector<XXH128_canonical_t> pairs;
  pairs.reserve(kUsual);
  fields.each([&pairs](std::string_view name, std::string_view value) {
    std::array<XXH128_canonical_t, 2> both;
    XXH128_canonicalFromHash(both.data(), XXH3_128bits(name.data(), name.size()));
    XXH128_canonicalFromHash(&both[1], XXH3_128bits(value.data(), value.size()));
    XXH128_canonicalFromHash(&pairs.emplace_back(), XXH3_128bits(both.data(), sizeof both));
  });
  std::ranges::sort(
      pairs, [](const auto& a, const auto& b) { return std::ranges::lexicographical_compare(a.digest, b.digest); });
  XXH128_canonical_t key;
  XXH128_canonicalFromHash(&key, XXH3_128bits(pairs.data(), pairs.size() * sizeof pairs[0]));
  return {reinterpret_cast<const char*>(key.digest), sizeof key.digest};
}

}  // namespace

constexpr const char* kTracked =
    "SELECT count(DISTINCT producer), count(*) FROM weir_keys WHERE stream = ? AND producer > '' AND added_ms > ?";

IdempotenceInfo describe_keys(Database& db, const StreamRow& stream, UnixMs now) {
  const Settings settings = settings_of(db, stream);
  IdempotenceInfo told{settings.duration_s, settings.maxsize, 0, 0, settings.added, settings.duplicates};
  if (stream.has(kHasKeys)) {
    Query tracked = db.query(kTracked);
    if (tracked.bind(stream.number).bind(forgotten(now, settings.duration_s).count()).next()) {
      told.producers = static_cast<std::uint64_t>(tracked.integer(0));
      told.keys = static_cast<std::uint64_t>(tracked.integer(1));
    }
  }
  return told;
}

KnownKeys::OfStream& KnownKeys::of(const StreamRow& stream) {
  const auto [at, is_new] = streams_.try_emplace(stream.number);
  if (is_new) {
    const Settings settings = settings_of(db_, stream);
    at->second.duration_s = settings.duration_s;
    at->second.maxsize = settings.maxsize;
  }
  return at->second;
}

constexpr const char* kLastTurn =
    "SELECT turn FROM weir_keys WHERE stream = ? AND producer = ? ORDER BY turn DESC LIMIT 1";

KnownKeys::Producer& KnownKeys::producer_of(OfStream& keys, const StreamRow& stream, const std::string& name) {
  const auto [at, is_new] = keys.producers.try_emplace(name);
  if (is_new && stream.has(kHasKeys)) {
    Query last = db_.query(kLastTurn);
    at->second.last_turn = last.bind(stream.number).bind_name(name).next() ? last.integer(0) : 0;
    constexpr std::int64_t kMost = INT64_MAX / 2;
    if (at->second.last_turn < 0 || at->second.last_turn > kMost) {
      db_.note_damage("a key of a producer has a turn that weir does not give");
    }
  }
  return at->second;
}

constexpr const char* kFind =
    "SELECT turn, ms, seq, added_ms FROM weir_keys WHERE stream = ? AND producer = ? AND key = ?";

constexpr const char* kCountFromNow = "UPDATE weir_keys SET added_ms = ? WHERE stream = ? AND producer = ? AND key = ?";

std::optional<Id> KnownKeys::find(const StreamRow& stream, const Idempotence& idempotence, const Fields& fields) {
  stream_ = &of(stream);
  producer_ = &producer_of(*stream_, stream, idempotence.producer);
  key_ = idempotence.key ? *idempotence.key : key_of(fields);
  if (const auto fresh = producer_->fresh.find(key_); fresh != producer_->fresh.end()) {
    ++stream_->duplicates;
    return fresh->second;
  }
  const bool any_counts = static_cast<std::uint64_t>(producer_->noted) < stream_->maxsize;
  if (producer_->last_turn > 0 && any_counts) {
    Query query = db_.query(kFind);
    if (query.bind(stream.number).bind_name(idempotence.producer).bind_name(key_).next()) {
      const auto newer = static_cast<std::uint64_t>(producer_->last_turn - query.integer(0) + producer_->noted);
      if (newer < stream_->maxsize && UnixMs(query.integer(3)) > forgotten(now_, stream_->duration_s)) {
        if (query.integer(3) > now_.count()) {
          // The clock was set back since: the key's time counts from now.
          db_.query(kCountFromNow)
              .bind(now_.count())
              .bind(stream.number)
              .bind_name(idempotence.producer)
              .bind_name(key_)
              .run();
        }
        ++stream_->duplicates;
        return query.id(1);
      }
    }
  }
  return std::nullopt;
}

void KnownKeys::note(Id id) {
  const auto at = producer_->fresh.insert_or_assign(std::move(key_), id).first;
  producer_->order.push_back(&at->first);
  ++producer_->noted;
  ++stream_->added;
  if (producer_->order.size() > stream_->maxsize) {
    producer_->fresh.erase(producer_->fresh.find(*producer_->order.front()));
    producer_->order.pop_front();
  }
}

constexpr const char* kDropUpTo = "DELETE FROM weir_keys WHERE stream = ? AND producer = ? AND turn <= ?";
constexpr const char* kSave =
    "INSERT OR REPLACE INTO weir_keys(stream, producer, key, turn, ms, seq, added_ms) VALUES (?, ?, ?, ?, ?, ?, ?)";

void KnownKeys::save_producer(const StreamRow& stream, const OfStream& keys, const std::string& name,
                              const Producer& producer) {
  const std::int64_t last = producer.last_turn + producer.noted;
  if (producer.last_turn > 0) {
    const std::int64_t dropped = last - static_cast<std::int64_t>(keys.maxsize);
    db_.query(kDropUpTo).bind(stream.number).bind_name(name).bind(dropped).run();
  }
  std::int64_t turn = last - static_cast<std::int64_t>(producer.order.size());
  Query save = db_.query(kSave);
  for (const std::string* key : producer.order) {
    save.bind(stream.number).bind_name(name).bind_name(*key).bind(++turn).bind(producer.fresh.at(*key));
    save.bind(now_.count()).run();
    save.again();
  }
}

constexpr const char* kCount =
    "INSERT INTO weir_extras(stream, iids_added, iids_duplicates) VALUES (?1, ?2, ?3) ON CONFLICT(stream) DO UPDATE "
    "SET iids_added = iids_added + ?2, iids_duplicates = iids_duplicates + ?3 RETURNING iids_added";
// Leaves keys of --unique (their producer is empty) and of copied sources (their producer is a number, which sorts
// before all text).
constexpr const char* kDropOld = "DELETE FROM weir_keys WHERE stream = ? AND producer > '' AND added_ms <= ?";

void KnownKeys::save(StreamRow& stream) {
  const auto at = streams_.find(stream.number);
  if (at == streams_.end() || at->second.added + at->second.duplicates == 0) {
    return;
  }
  const OfStream& keys = at->second;
  add_flags(db_, stream, kHasExtras | kHasKeys);
  for (const auto& [name, producer] : keys.producers) {
    if (producer.noted > 0) {
      save_producer(stream, keys, name, producer);
    }
  }
  Query count = db_.query(kCount);
  const std::int64_t added =
      count.bind(stream.number).bind(keys.added).bind(keys.duplicates).next() ? count.integer(0) : 0;
  if ((added - keys.added) / kBetweenSweeps != added / kBetweenSweeps) {
    db_.query(kDropOld).bind(stream.number).bind(forgotten(now_, keys.duration_s).count()).run();
  }
}

Result<Change<Xidmprecord::Reply>> Tables::run(const Xidmprecord& request) {
  auto stream = find_stream(db_, request.stream);
  if (!stream) {
    return db_.refuse(kNoSuchKey);
  }
  if (!position_of(db_, *stream, request.id)) {
    return db_.refuse("ERR No such message in stream");
  }
  KnownKeys keys(db_, unix_now());
  if (const auto known = keys.find(*stream, {request.producer, request.key}, {})) {
    if (*known != request.id) {
      return db_.refuse("ERR IID already exists for this producer with a different stream ID");
    }
    return Change(Ok(), Worth::nothing);
  }
  keys.note(request.id);
  keys.save(*stream);
  return Change(Ok());
}

constexpr const char* kDropAll = "DELETE FROM weir_keys WHERE stream = ? AND producer > ''";

constexpr const char* kAll =
    "SELECT producer, key, ms, seq, added_ms FROM weir_keys WHERE stream = ? AND producer > '' ORDER BY producer, "
    "turn";

Result<RememberedKeys> Tables::remembered(const std::string& name) {
  const auto stream = find_stream(db_, name);
  if (!stream) {
    return db_.refuse(kNoSuchKey);
  }
  RememberedKeys all{describe_keys(db_, *stream, unix_now()), {}};
  if (stream->has(kHasKeys)) {
    Query query = db_.query(kAll);
    query.bind(stream->number);
    while (query.next()) {
      all.keys.push_back(
          {std::string(query.bytes(0)), std::string(query.bytes(1)), query.id(2), UnixMs(query.integer(4))});
    }
  }
  return all;
}

constexpr const char* kSaveAll =
    "INSERT INTO weir_extras(stream, idmp_duration_s, idmp_maxsize, iids_added, iids_duplicates) "
    "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT(stream) DO UPDATE "
    "SET idmp_duration_s = ?2, idmp_maxsize = ?3, iids_added = ?4, iids_duplicates = ?5";

Result<Change<Ok>> Tables::remember(const std::string& name, const RememberedKeys& keys) {
  auto stream = find_stream(db_, name);
  if (!stream) {
    return db_.refuse(kNoSuchKey);
  }
  add_flags(db_, *stream, kHasExtras | kHasKeys);
  db_.query(kDropAll).bind(stream->number).run();
  db_.query(kSaveAll)
      .bind(stream->number)
      .bind(static_cast<std::int64_t>(keys.settings.duration_s))
      .bind(static_cast<std::int64_t>(keys.settings.maxsize))
      .bind(static_cast<std::int64_t>(keys.settings.added))
      .bind(static_cast<std::int64_t>(keys.settings.duplicates))
      .run();
  Query save = db_.query(kSave);
  std::int64_t turn = 0;
  for (const RememberedKeys::Key& key : keys.keys) {
    save.bind(stream->number).bind_name(key.producer).bind_name(key.key).bind(++turn).bind(key.id);
    save.bind(key.added.count()).run();
    save.again();
  }
  return Change(Ok());
}

constexpr const char* kSaveSettings =
    "INSERT INTO weir_extras(stream, idmp_duration_s, idmp_maxsize) VALUES (?1, ?2, ?3) ON CONFLICT(stream) DO UPDATE "
    "SET idmp_duration_s = ?2, idmp_maxsize = ?3";

Result<Change<Xcfgset::Reply>> Tables::run(const Xcfgset& request) {
  auto stream = find_stream(db_, request.stream);
  if (!stream) {
    return db_.refuse(kNoSuchKey);
  }
  const Settings before = settings_of(db_, *stream);
  const std::uint64_t duration_s = request.duration_s.value_or(before.duration_s);
  const std::uint64_t maxsize = request.maxsize.value_or(before.maxsize);
  if (duration_s == before.duration_s && maxsize == before.maxsize) {
    return Change(Ok(), Worth::nothing);
  }
  add_flags(db_, *stream, kHasExtras);
  db_.query(kSaveSettings)
      .bind(stream->number)
      .bind(static_cast<std::int64_t>(duration_s))
      .bind(static_cast<std::int64_t>(maxsize))
      .run();
  if (stream->has(kHasKeys)) {
    db_.query(kDropAll).bind(stream->number).run();
  }
  return Change(Ok());
}

}  // namespace weir::sqlite
