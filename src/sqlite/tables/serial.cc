#include "sqlite/tables/serial.h"

#include <algorithm>

#include "sqlite/tables/pending.h"

namespace weir::sqlite {

constexpr const char* kBefore =
    "SELECT 1 FROM weir_serial WHERE grp = ? AND value = ? AND (ms, seq) > (0, 0) AND (ms, seq) < (?, ?) LIMIT 1";
constexpr const char* kAfter = "SELECT 1 FROM weir_serial WHERE grp = ? AND value = ? AND (ms, seq) > (?, ?) LIMIT 1";
constexpr const char* kRunsAmongHeld =
    "SELECT 1 FROM weir_consumers c CROSS JOIN weir_pending p USING (consumer) "
    "CROSS JOIN weir_serial v ON v.grp = p.grp AND v.ms = p.ms AND v.seq = p.seq "
    "WHERE c.grp = ? AND c.pending > 0 AND v.value = ? AND (p.ms, p.seq) > (?, ?) LIMIT 1";
constexpr const char* kRunsOfValue =
    "SELECT 1 FROM weir_serial v CROSS JOIN weir_pending p USING (grp, ms, seq) "
    "WHERE v.grp = ? AND v.value = ? AND (v.ms, v.seq) > (?, ?) AND p.consumer IS NOT NULL LIMIT 1";
constexpr const char* kAdd = "INSERT INTO weir_serial(grp, ms, seq, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
constexpr const char* kValue = "SELECT value FROM weir_serial WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kEnd = "DELETE FROM weir_serial WHERE grp = ? AND ms = ? AND seq = ? RETURNING value";
constexpr const char* kFirst =
    "SELECT ms, seq FROM weir_serial WHERE grp = ? AND value = ? AND (ms, seq) > (0, 0) ORDER BY ms, seq LIMIT 1";
constexpr const char* kForget = "DELETE FROM weir_serial WHERE grp = ?";
constexpr const char* kAllMayRun =
    "UPDATE weir_pending SET due_ms = 0 WHERE grp = ? AND consumer IS NULL AND due_ms = ?";
constexpr const char* kPending = "SELECT ms, seq, n FROM weir_pending WHERE grp = ? ORDER BY ms, seq";
constexpr const char* kMayRun =
    "UPDATE weir_pending SET due_ms = 0 WHERE grp = ? AND ms = ? AND seq = ? AND consumer IS NULL AND due_ms = ?";
constexpr const char* kEndOfConsumer =
    "DELETE FROM weir_serial WHERE grp = ?1 AND (ms, seq) IN (SELECT ms, seq FROM weir_pending WHERE consumer = ?2) "
    "RETURNING value";

namespace {

void let_next_run(Database& db, std::int64_t group, const std::string& value) {
  Id next;
  {
    Query first = db.query(kFirst);
    if (!first.bind(group).bind_name(value).next()) {
      return;
    }
    next = first.id(0);
  }
  db.query(kMayRun).bind(group).bind(next).bind(kAfterAnother.count()).run();
}

}  // namespace

std::optional<std::string> serial_value_of(const Fields& fields, const std::string& field) {
  const auto pairs = fields.pairs();
  const auto found = std::find_if(pairs.rbegin(), pairs.rend(), [&](const Field& f) { return f.name == field; });
  return found == pairs.rend() ? std::nullopt : std::optional(found->name + "=" + found->value);
}

bool index_serial(Database& db, StreamAndGroup& at, const std::string& field) {
  const std::int64_t group = at.group.number;
  if (serial_value(db, at, kMinId) == field) {
    return false;
  }
  db.query(kForget).bind(group).run();
  db.query(kAllMayRun).bind(group).bind(kAfterAnother.count()).run();
  add_serial(db, at, field, kMinId);
  Query pending = db.query(kPending);
  pending.bind(group);
  while (pending.next()) {
    const Id id = pending.id(0);
    const auto fields = pending_fields(db, at.stream, pending.integer(2), id);
    const auto value = fields ? serial_value_of(Fields::from_json(*fields), field) : std::nullopt;
    if (value) {
      add_serial(db, at, *value, id);
    }
  }
  return true;
}

bool waits_for_another(Database& db, const GroupRow& group, std::string_view value, Id id) {
  return db.query(kBefore).bind(group.number).bind_name(value).bind(id).next();
}

bool later_one_runs(Database& db, const GroupRow& group, std::string_view value, Id id) {
  const auto finds = [&](const char* sql) { return db.query(sql).bind(group.number).bind_name(value).bind(id).next(); };
  return finds(kAfter) && finds(held_count(db, group) < released_count(db, group) ? kRunsAmongHeld : kRunsOfValue);
}

void add_serial(Database& db, StreamAndGroup& at, std::string_view value, Id id) {
  if (!at.stream.has(kHasSerial)) {
    add_flags(db, at.stream, kHasSerial);
  }
  db.query(kAdd).bind(at.group.number).bind(id).bind_name(value).run();
}

std::optional<std::string> serial_value(Database& db, const StreamAndGroup& at, Id id) {
  if (!at.stream.has(kHasSerial)) {
    return std::nullopt;
  }
  Query query = db.query(kValue);
  return query.bind(at.group.number).bind(id).next() ? std::optional(std::string(query.bytes(0))) : std::nullopt;
}

void end_serial(Database& db, const StreamRow& stream, std::int64_t group, Id id) {
  if (!stream.has(kHasSerial)) {
    return;
  }
  std::string value;
  {
    Query end = db.query(kEnd);
    if (!end.bind(group).bind(id).next()) {
      return;
    }
    value = end.bytes(0);
    end.run();
  }
  let_next_run(db, group, value);
}

void end_serial_of(Database& db, const StreamAndGroup& at, std::int64_t consumer) {
  if (!at.stream.has(kHasSerial)) {
    return;
  }
  std::vector<std::string> values;
  {
    Query end = db.query(kEndOfConsumer);
    end.bind(at.group.number).bind(consumer);
    while (end.next()) {
      values.emplace_back(end.bytes(0));
    }
  }
  for (const std::string& value : values) {
    let_next_run(db, at.group.number, value);
  }
}

}  // namespace weir::sqlite
