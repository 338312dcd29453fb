#include "sqlite/verify/verify.h"

#include "sqlite/database/uncounted.h"
#include "sqlite/verify/findings.h"
#include "sqlite/verify/no_id.h"
#include "sqlite/verify/rules.h"

namespace weir::sqlite {
namespace {

// Rules apply to counted rows (database/uncounted.h), so uncounted entries are counted first. A row that cannot be
// counted breaks a rule itself. Counting replaces the last ID, so one that is none would be lost before a rule sees it.
#define COUNTABLE                                                                            \
  "s.stream BETWEEN 1 AND 2097150 AND s.length BETWEEN 0 AND s.tail - (s.stream << 42) AND " \
  "NOT " WEIR_NO_ID("s.last_ms",                                                             \
                    "s.last_seq") " AND n = " WEIR_LAST_UNCOUNTED                            \
                                  " AND (ms, seq) > (s.last_ms, s.last_seq) AND "            \
                                  "(SELECT (ms, seq) > (s.last_ms, s.last_seq) FROM weir_entries WHERE n = s.tail)"
constexpr const char* kCount =
    "UPDATE weir_streams AS s SET (length, added, tail, last_ms, last_seq) = (SELECT length + "
    "more, " WEIR_ADDED_AND_MORE
    ", n + 1, ms, seq FROM (SELECT n + 1 - s.tail AS more, * FROM weir_entries WHERE n = " WEIR_LAST_UNCOUNTED
    ")) WHERE EXISTS (SELECT 1 FROM weir_entries WHERE " COUNTABLE ")";
/// For a connection that may only look: a temporary table of counted rows, which SQLite finds before the real one.
constexpr const char* kShowCounted =
    "CREATE TEMP TABLE weir_streams(stream INTEGER PRIMARY KEY, name, length, added, last_ms, last_seq, deleted_ms, "
    "deleted_seq, tail, renamed, flags, due_ms);"
    "INSERT INTO temp.weir_streams SELECT stream, name, length + more, " WEIR_ADDED_AND_MORE
    ", ifnull(ms, last_ms), ifnull(seq, last_seq), deleted_ms, deleted_seq, tail + more, renamed, flags, due_ms FROM "
    "(SELECT *, ifnull(n + 1 - tail, 0) AS more FROM main.weir_streams s LEFT JOIN weir_entries ON " COUNTABLE ")";
constexpr const char* kStopShowing = "DROP TABLE IF EXISTS temp.weir_streams";
constexpr const char* kSize = "SELECT (SELECT count(*) FROM weir_streams), (SELECT count(*) FROM weir_entries)";

void hold(Database& db, const Rule& rule, Findings& findings) {
  if (rule.needs_order && (findings.count("order") > 0 || findings.count("id") > 0)) {
    return;
  }
  findings.begin(rule.name, rule.can_be_mended());
  if (rule.look != nullptr) {
    rule.look(db, findings);
    return;
  }
  const auto name = [](const Query& query, int column) {
    return query.is_null(column) ? std::nullopt : std::optional(std::string(query.bytes(column)));
  };
  Query query = db.query(rule.find);
  while (query.next()) {
    findings.add(name(query, 0), name(query, 1), std::string(query.bytes(2)));
  }
}

Findings hold_all(Database& db) {
  Findings findings;
  for (const Rule& rule : rules()) {
    hold(db, rule, findings);
  }
  return findings;
}

/// Checks each rule again, since mending earlier rules may have changed which places break it. Stops at a failure, so
/// that no later look takes it for its own.
void mend_all(Database& db) {
  Findings findings;
  for (const Rule& rule : rules()) {
    hold(db, rule, findings);
    if (findings.count(rule.name) == 0 || !rule.can_be_mended()) {
      continue;
    }
    if (rule.repair != nullptr) {
      rule.repair(db);
    } else {
      db.execute(rule.mend);
    }
    if (db.failed()) {
      return;
    }
    findings.forget(rule.name);
    hold(db, rule, findings);  // a rule that is still broken keeps rules that rely on it from being mended
  }
}

}  // namespace

Result<Verified> verify(Database& db, bool repair, const std::function<void(const Finding&)>& tell) {
  db.execute(repair ? kCount : kShowCounted);
  if (db.failed()) {
    return tl::unexpected(db.take_failure());  // the caller's transaction ends, which undoes the changes
  }
  Findings findings = hold_all(db);
  Findings after;
  if (repair && findings.total() > 0) {
    mend_all(db);
    if (db.failed()) {
      return tl::unexpected(db.take_failure());
    }
    after = hold_all(db);
  }
  Verified verified;
  {
    Query size = db.query(kSize);
    if (size.next()) {
      verified.streams = static_cast<std::uint64_t>(size.integer(0));
      verified.entries = static_cast<std::uint64_t>(size.integer(1));
    }
  }
  verified.noted = triggers_of_others(db);
  std::optional<Error> failure;
  if (db.failed()) {
    failure = db.take_failure();
  }
  if (!repair) {
    db.execute(kStopShowing);
  }
  if (failure) {
    return tl::unexpected(std::move(*failure));
  }
  verified.found = findings.total();
  verified.left = repair ? after.total() : findings.total();
  for (Finding finding : findings.told()) {
    const bool is_left = after.may_have(finding) || (finding.more > 0 && after.count(finding.rule) > 0);
    finding.mended = repair && !is_left;
    tell(finding);
  }
  // Findings that only showed once something else was mended.
  for (const Finding& finding : after.told()) {
    if (!findings.may_have(finding)) {
      tell(finding);
    }
  }
  return verified;
}

Result<Verified> verify_old(Database& db, const std::function<void(const Finding&)>& tell) {
  Findings findings;
  look_with_sqlite(db, findings);
  if (db.failed()) {
    return tl::unexpected(db.take_failure());
  }
  Verified verified;
  verified.found = verified.left = findings.total();
  for (const Finding& finding : findings.told()) {
    tell(finding);
  }
  return verified;
}

}  // namespace weir::sqlite
