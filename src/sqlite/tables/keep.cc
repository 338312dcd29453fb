#include "sqlite/tables/keep.h"

#include <algorithm>
#include <bit>

#include "sqlite/tables/references.h"
#include "sqlite/tables/tables.h"
#include "sqlite/tables/trim.h"
#include "stream/keeping.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kPolicy = "SELECT keep_maxlen, keep_maxage_ms, keep_acked FROM weir_extras WHERE stream = ?";
constexpr const char* kHasGroup = "SELECT 1 FROM weir_groups WHERE stream = ? LIMIT 1";

KeepPolicy policy_of(Database& db, const StreamRow& stream) {
  KeepPolicy policy;
  if (stream.has(kHasPolicy)) {
    Query query = db.query(kPolicy);
    if (query.bind(stream.number).next()) {
      const auto natural = [](std::int64_t value) { return std::max<std::int64_t>(value, 0); };
      if (const auto maxlen = query.maybe_integer(0)) {
        policy.maxlen = static_cast<std::uint64_t>(natural(*maxlen));
      }
      if (const auto maxage = query.maybe_integer(1)) {
        policy.maxage = Millis(natural(*maxage));
      }
      policy.acked = query.maybe_integer(2).value_or(0) != 0;
    }
  }
  return policy;
}

bool has_group(Database& db, const StreamRow& stream) {
  Query query = db.query(kHasGroup);
  return query.bind(stream.number).next();
}

/// The lowest ID that is not too old.
Id oldest_kept(Millis maxage, UnixMs now) {
  return {static_cast<std::uint64_t>(std::max(now - std::min(maxage, now), Millis(0)).count()), 0};
}

std::uint64_t apply(Database& db, StreamRow& stream, const KeepPolicy& policy, UnixMs now) {
  Trim how;
  how.references = policy.acked ? References::acked : References::keep;
  std::uint64_t gone = 0;
  if (policy.maxlen) {
    how.by = Trim::By::maxlen;
    how.maxlen = *policy.maxlen;
    gone += trim(db, stream, how);
  }
  if (policy.maxage) {
    how.by = Trim::By::minid;
    how.minid = oldest_kept(*policy.maxage, now);
    gone += trim(db, stream, how);
  }
  if (policy.acked && !policy.maxlen && !policy.maxage && has_group(db, stream)) {
    how.by = Trim::By::maxlen;
    how.maxlen = 0;
    gone += trim(db, stream, how);
  }
  return gone;
}

constexpr const char* kNth = "SELECT n FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n LIMIT 1 OFFSET ?";
constexpr const char* kCountReferenced =
    "SELECT count(*) FROM weir_entries e WHERE n >= ?1 AND n < ?2 AND (n >= ?3 OR EXISTS (SELECT 1 FROM weir_groups g "
    "JOIN weir_pending p ON p.grp = g.grp AND p.ms = e.ms AND p.seq = e.seq WHERE g.stream = ?4))";

/// Counts entries that the policy would delete if it had no `acked`, and that some group is not done with.
std::uint64_t count_unfinished(Database& db, const StreamRow& stream, const KeepPolicy& policy, UnixMs now) {
  std::int64_t end = stream.begin();
  const auto length = static_cast<std::uint64_t>(stream.length);
  if (policy.maxlen && *policy.maxlen == 0) {
    end = stream.tail;
  } else if (policy.maxlen && length > *policy.maxlen) {
    Query query = db.query(kNth);
    query.bind(stream.begin()).bind(stream.tail).bind(static_cast<std::int64_t>(length - *policy.maxlen));
    end = query.next() ? query.integer(0) : end;
  }
  if (policy.maxage) {
    end = std::max(end, lower_bound(db, stream, oldest_kept(*policy.maxage, now)));
  }
  const std::int64_t undelivered = first_undelivered(db, stream);
  Query query = db.query(kCountReferenced);
  query.bind(stream.begin()).bind(end).bind(undelivered).bind(stream.number);
  return query.next() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
}

/// After how many appends the policy is applied again. With `acked` the policy has to pass over entries that groups are
/// not done with, so it is applied less often the longer the stream is: an append passes over eight at most.
std::int64_t appends_between(const StreamRow& stream, bool acked) {
  constexpr std::uint64_t kLeast = 128;
  constexpr std::uint64_t kPart = 8;
  const auto length = static_cast<std::uint64_t>(stream.length);
  return static_cast<std::int64_t>(acked ? std::max(kLeast, std::bit_floor(length / kPart)) : kLeast);
}

}  // namespace

void keep_after_append(Database& db, StreamRow& stream, std::int64_t tail_before, UnixMs now) {
  if (!stream.has(kHasPolicy)) {
    return;
  }
  const auto is_time = [&](std::int64_t between) { return tail_before / between != stream.tail / between; };
  if (!is_time(appends_between(stream, false))) {
    return;
  }
  const KeepPolicy policy = policy_of(db, stream);
  if (is_time(appends_between(stream, policy.acked))) {
    apply(db, stream, policy, now);
  }
}

constexpr const char* kSavePolicy =
    "INSERT INTO weir_extras(stream, keep_maxlen, keep_maxage_ms, keep_acked) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT(stream) DO UPDATE SET keep_maxlen = ?2, keep_maxage_ms = ?3, keep_acked = ?4";
constexpr const char* kSaveFlags = "UPDATE weir_streams SET flags = ? WHERE stream = ?";

Result<Change<std::optional<std::uint64_t>>> Tables::keep(const std::string& name, const KeepPolicy& policy) {
  WEIR_ASSIGN(StreamRow stream, existing_stream(db_, name));
  std::optional<std::uint64_t> unfinished;
  if (has_group(db_, stream)) {
    unfinished = policy.acked ? 0 : count_unfinished(db_, stream, policy, unix_now());
  }
  if (policy_of(db_, stream) == policy) {
    return Change(unfinished, Worth::nothing);
  }
  const auto signed_value = [](std::uint64_t value) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
  };
  db_.query(kSavePolicy)
      .bind(stream.number)
      .bind(policy.maxlen ? std::optional(signed_value(*policy.maxlen)) : std::nullopt)
      .bind(policy.maxage ? std::optional<std::int64_t>(policy.maxage->count()) : std::nullopt)
      .bind(policy.acked ? std::optional<std::int64_t>(1) : std::nullopt)
      .run();
  stream.flags |= kHasExtras | kHasPolicy;
  stream.flags &= policy.any() ? ~std::int64_t{0} : ~static_cast<std::int64_t>(kHasPolicy);
  db_.query(kSaveFlags).bind(stream.flags).bind(stream.number).run();
  return Change(unfinished);
}

Result<std::optional<KeepPolicy>> Tables::kept(const std::string& name) {
  WEIR_ASSIGN(const StreamRow stream, existing_stream(db_, name));
  const KeepPolicy policy = policy_of(db_, stream);
  return policy.any() ? std::optional(policy) : std::nullopt;
}

Result<Change<Count>> Tables::apply_keep(const std::string& name) {
  WEIR_ASSIGN(StreamRow stream, existing_stream(db_, name));
  const Count gone{apply(db_, stream, policy_of(db_, stream), unix_now())};
  if (gone.value > 0) {
    save_stream(db_, stream);
  }
  return Change(gone);
}

}  // namespace weir::sqlite
