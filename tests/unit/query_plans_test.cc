// Every query has an index, so that the cost of a command does not grow with the stream.
#include <sqlite3.h>

#include <array>
#include <set>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "sqlite/tables/pending.h"
#include "stream/delaying.h"
#include "stream/keeping.h"
#include "stream/pausing.h"
#include "stream/unique.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

std::set<std::string> statements;
int runs = 0;

int note_statement(unsigned, void*, void* statement, void*) {
  ++runs;
  statements.insert(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
  return 0;
}

int watch(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, note_statement, nullptr);
}

/// While it lives, the text of every statement that runs is noted.
struct Watch {
  Watch() {
    statements.clear();
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch));
  }
  ~Watch() { sqlite3_reset_auto_extension(); }
};

/// Every command, in its different ways.
void do_everything(Store& store) {
  std::vector<Id> whole;
  for (std::uint64_t i = 1; i <= 10; ++i) {
    whole.push_back({i, i});
    Xadd add = message("whole");
    add.id = {NewId::Kind::exact, whole.back()};
    REQUIRE(store.run(add));
  }
  REQUIRE(store.run(XgroupCreate{"whole", "g", kMinId, false, std::nullopt, false}));
  REQUIRE(store.run(Xreadgroup{"g", "c", {{"whole", std::nullopt}}, std::nullopt, std::nullopt, false}));
  REQUIRE(store.run(Xack{"whole", "g", whole, std::nullopt, false})->value == whole.size());
  const Id id{1, 1};
  std::vector<Xadd> many(20, message("s"));
  REQUIRE(store.append(many));
  Xadd add = message("s");
  add.trim = Trim{Trim::By::maxlen, false, 15, {}, 0};
  REQUIRE(store.run(add));
  add.trim = Trim{Trim::By::minid, false, 0, {5, 0}, 0};
  REQUIRE(store.run(add));
  add = message("ids");
  add.id = {NewId::Kind::exact, id};
  REQUIRE(store.run(add));
  REQUIRE(store.run(XgroupCreate{"s", "g", kMinId, false, std::nullopt, false}));
  REQUIRE(store.run(XgroupCreateConsumer{"s", "g", "idle"}));
  REQUIRE(store.run(XgroupSetid{"s", "g", kMinId, 0}));
  const Xreadgroup read{"g", "c", {{"s", std::nullopt}}, 5, std::nullopt, false};
  REQUIRE(store.run(read));
  const auto taken = store.run(read);
  REQUIRE(taken);
  const Id held = taken->front().entries.front().id;
  REQUIRE(store.run(XgroupSetid{"s", "g", kMinId, 0}));
  REQUIRE(store.run(read));  // what is pending already changes hands
  REQUIRE(store.run(Xreadgroup{"g", "c", {{"s", kMinId}}, 5, std::nullopt, false}));
  REQUIRE(store.run(Xreadgroup{"g", "c", {{"none", std::nullopt}}, 5, Millis(1), false}).error().failure ==
          Failure::refused);
  REQUIRE(store.run(Xpending{"s", "g", Millis(0), kMinId, kMaxId, 10, std::nullopt}));
  REQUIRE(store.run(Xpending{"s", "g", Millis(0), kMinId, kMaxId, 10, "c"}));
  REQUIRE(store.run(XpendingSummary{"s", "g"}));
  Xnack nack{"s", "g", Xnack::Blame::fail, {held, {9, 9}}, {}, true, {}, Millis(0)};
  REQUIRE(store.run(nack));
  REQUIRE(store.run(Xpending{"s", "g", Millis(0), kMinId, kMaxId, 10, std::nullopt, true}));
  REQUIRE(store.run(XinfoGroups{"s"}));
  Xclaim claim;
  claim.stream = "s";
  claim.group = "g";
  claim.consumer = "d";
  claim.ids = {held, {9, 9}};
  claim.force = true;
  REQUIRE(store.run(claim));
  REQUIRE(store.run(Xautoclaim{"s", "g", "d", Millis(0), kMinId, 3, false}));
  REQUIRE(store.run(Xack{"s", "g", {held}, "d", true}));
  REQUIRE(store.run(Xack{"s", "g", {held}, std::nullopt, false}));
  REQUIRE(store.run(Xread{{{"s", {Xread::From::Kind::after, kMinId}}}, 3, std::nullopt}));
  REQUIRE(store.run(Xread{{{"s", {Xread::From::Kind::last_entry, {}}}}, 3, std::nullopt}));
  REQUIRE(store.run(Xread{{{"s", {Xread::From::Kind::end, {}}}}, 3, Millis(1)}));
  REQUIRE(store.run(Xrange{"s", {5, 0}, kMaxId, false, 3}));
  REQUIRE(store.run(Xrange{"s", {5, 0}, kMaxId, true, 3}));
  REQUIRE(store.run(Xlen{"s"}));
  REQUIRE(store.run(XinfoStream{"s"}));
  REQUIRE(store.run(XinfoStreamFull{"s", 3}));
  REQUIRE(store.run(XinfoGroups{"s"}));
  REQUIRE(store.run(XinfoConsumers{"s", "g"}));
  REQUIRE(store.run(Xsetid{"s", kMaxId, std::nullopt, std::nullopt}));
  for (const References references : {References::keep, References::remove, References::acked}) {
    REQUIRE(store.run(Xdelex{"s", {held, {9, 9}}, references}));
    REQUIRE(store.run(Xackdel{"s", "g", {held}, references}));
    REQUIRE(store.run(Xtrim{"s", Trim{Trim::By::maxlen, false, 12, {}, 0, references}}));
  }
  auto& delaying = dynamic_cast<Delaying&>(store);
  const std::vector<Xadd> later{message("d"), message("d"), message("d")};
  const auto handles = delaying.delay(later, Due{true, Millis(3'600'000)});
  REQUIRE(handles);
  REQUIRE(delaying.delay(later, Due{false, Millis(0)}));
  REQUIRE(store.run(Xlen{"d"}));  // what is due is appended
  REQUIRE(delaying.delayed("d", handles->front(), 2));
  REQUIRE(delaying.count_delayed("d"));
  REQUIRE(delaying.append_delayed("d", std::vector{**handles->begin()})->value == 1);
  REQUIRE(delaying.cancel_delayed("d", std::vector{*handles->back()})->value == 1);
  auto& unique = dynamic_cast<Unique&>(store);
  REQUIRE(unique.add_unique(message("d"), "k", std::nullopt));
  REQUIRE(unique.add_unique(message("d"), "k", std::nullopt));
  REQUIRE(unique.add_unique(message("d"), "l", Due{true, Millis(3'600'000)}));
  REQUIRE(unique.add_unique(message("d"), "l", std::nullopt));
  REQUIRE(store.run(XgroupCreate{"d", "g", kMinId, false, std::nullopt, false}));
  REQUIRE(unique.add_unique(message("d"), "k", std::nullopt));
  auto& keeping = dynamic_cast<Keeping&>(store);
  REQUIRE(keeping.keep("d", KeepPolicy{1, Millis(1), false}));
  REQUIRE(keeping.keep("d", KeepPolicy{std::nullopt, std::nullopt, true}));
  REQUIRE(keeping.kept("d"));
  REQUIRE(keeping.apply_keep("d"));
  auto& pausing = dynamic_cast<Pausing&>(store);
  REQUIRE(pausing.pause("d", "g", Millis(1)));
  REQUIRE(pausing.paused("d", "g"));
  REQUIRE(pausing.resume("d", "g"));
  REQUIRE(store.run(Xtrim{"d", Trim{Trim::By::maxlen, false, 1, {}, 0}}));
  REQUIRE(store.run(Xread{{{"d", {Xread::From::Kind::end, {}}}}, 3, Millis(1)}));
  REQUIRE(store.run(Xdel{"ids", {id}}));
  REQUIRE(store.run(Xtrim{"s", Trim{Trim::By::maxlen, false, 0, {}, 0}}));
  REQUIRE(store.run(Rename{"ids", "other"}));
  REQUIRE(store.run(Type{"s"}));
  REQUIRE(store.run(Exists{{"s"}}));
  REQUIRE(store.run(XgroupDelConsumer{"s", "g", "c"}));
  REQUIRE(store.run(XgroupDestroy{"s", "g"}));
  REQUIRE(store.run(Del{{"s", "d", "other"}}));
}

}  // namespace

TEST_CASE("No statement of a command scans a table") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  {
    const Watch watching;
    const auto store = open_sqlite_store(path, StoreOptions{});
    REQUIRE(store);
    do_everything(**store);
  }
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  int explained = 0;
  for (const std::string& sql : statements) {
    const bool is_query = sql.starts_with("SELECT") || sql.starts_with("INSERT INTO weir_") ||
                          sql.starts_with("UPDATE") || sql.starts_with("DELETE");
    // a table, and a function, of the connection that changes many rows
    if (!is_query || sql.ends_with("FROM weir_rows") || sql.find("weir_is_listed") != std::string::npos) {
      continue;
    }
    sqlite3_stmt* plan = nullptr;
    if (sqlite3_prepare_v2(db, ("EXPLAIN QUERY PLAN " + sql).c_str(), -1, &plan, nullptr) != SQLITE_OK) {
      FAIL(sql << ": " << sqlite3_errmsg(db));
    }
    ++explained;
    while (sqlite3_step(plan) == SQLITE_ROW) {
      const std::string step = reinterpret_cast<const char*>(sqlite3_column_text(plan, 3));
      INFO(sql << "\n  " << step);
      CHECK(step.find("SCAN weir_") == std::string::npos);
    }
    sqlite3_finalize(plan);
  }
  sqlite3_close(db);
  CHECK(explained > 40);
}

namespace {

/// What the tables of schema 2 are asked, and the index that answers it. The order comes from it, too.
struct Question {
  const char* sql;
  const char* answered_by;
};

constexpr std::array<Question, 23> kQuestions{{
    // Delayed: which is due next; those that are; one by its handle.
    {"SELECT due_ms FROM weir_delayed WHERE stream = 1 ORDER BY due_ms LIMIT 1", "USING PRIMARY KEY (stream=?)"},
    {"SELECT due_ms, seq, fields, key FROM weir_delayed WHERE stream = 1 AND due_ms <= 2 ORDER BY due_ms, seq LIMIT 9",
     "USING PRIMARY KEY (stream=? AND due_ms<?)"},
    {"DELETE FROM weir_delayed WHERE stream = 1 AND due_ms = 2 AND seq = 3",
     "USING PRIMARY KEY (stream=? AND due_ms=? AND seq=?)"},
    // IDMP and --once: an ID that was given before; the newest of a producer; those that are too many.
    {"SELECT turn, ms, seq, added_ms FROM weir_keys WHERE stream = 1 AND producer = 'p' AND key = 'i'",
     "USING PRIMARY KEY (stream=? AND producer=? AND key=?)"},
    {"SELECT max(turn) FROM weir_keys WHERE stream = 1 AND producer = 'p'", "INDEX weir_keys_by_turn"},
    {"DELETE FROM weir_keys WHERE stream = 1 AND producer = 'p' AND turn <= 5", "INDEX weir_keys_by_turn"},
    // --unique: whether a group was given the entry; keys whose entries are gone.
    {"SELECT 1 FROM weir_groups WHERE stream = 1 AND next > 2", "INDEX sqlite_autoindex_weir_groups_1 (stream=?)"},
    {"DELETE FROM weir_keys WHERE stream = 1 AND producer = '' AND turn < 4398046511104", "INDEX weir_keys_by_turn"},
    // --serial: who has this value first, or before another; the value of a message; all that a consumer holds.
    {"SELECT ms, seq FROM weir_serial WHERE grp = 1 AND value = 'v' ORDER BY ms, seq LIMIT 1",
     "COVERING INDEX weir_serial_by_value (grp=? AND value=?)"},
    {"SELECT 1 FROM weir_serial WHERE grp = 1 AND value = 'v' AND (ms, seq) < (2, 3) LIMIT 1",
     "COVERING INDEX weir_serial_by_value (grp=? AND value=? AND (ms,seq)<(?,?))"},
    // Whether a later message of a value is held: there is one; found among those that are held, or of the value.
    {"SELECT 1 FROM weir_serial WHERE grp = 1 AND value = 'v' AND (ms, seq) > (2, 3) LIMIT 1",
     "COVERING INDEX weir_serial_by_value (grp=? AND value=? AND (ms,seq)>(?,?))"},
    {"SELECT 1 FROM weir_consumers c CROSS JOIN weir_pending p USING (consumer) CROSS JOIN weir_serial v ON v.grp = "
     "p.grp "
     "AND v.ms = p.ms AND v.seq = p.seq WHERE c.grp = 1 AND c.pending > 0 AND v.value = 'v' AND (p.ms, p.seq) > (2, 3) "
     "LIMIT 1",
     "INDEX weir_pending_by_consumer (consumer=? AND (ms,seq)>(?,?))"},
    {"SELECT 1 FROM weir_consumers c CROSS JOIN weir_pending p USING (consumer) CROSS JOIN weir_serial v ON v.grp = "
     "p.grp "
     "AND v.ms = p.ms AND v.seq = p.seq WHERE c.grp = 1 AND c.pending > 0 AND v.value = 'v' AND (p.ms, p.seq) > (2, 3) "
     "LIMIT 1",
     "v USING PRIMARY KEY (grp=? AND ms=? AND seq=?)"},
    {"SELECT 1 FROM weir_serial v CROSS JOIN weir_pending p USING (grp, ms, seq) WHERE v.grp = 1 AND v.value = 'v' AND "
     "(v.ms, v.seq) > (2, 3) AND p.consumer IS NOT NULL LIMIT 1",
     "p USING PRIMARY KEY (grp=? AND ms=? AND seq=?)"},
    {"DELETE FROM weir_serial WHERE grp = 1 AND ms = 2 AND seq = 3 RETURNING value",
     "USING PRIMARY KEY (grp=? AND ms=? AND seq=?)"},
    {"DELETE FROM weir_serial WHERE grp = 1 AND (ms, seq) IN (SELECT ms, seq FROM weir_pending WHERE consumer = 2) "
     "RETURNING value",
     "USING PRIMARY KEY (grp=? AND ms=? AND seq=?)"},
    // Acknowledging a run of what is pending.
    {"DELETE FROM weir_pending WHERE grp = 1 AND (ms, seq) >= (2, 3) AND (ms, seq) <= (4, 5)",
     "USING PRIMARY KEY (grp=? AND (ms,seq)>(?,?) AND (ms,seq)<(?,?))"},
    // Terms: what was given back and is due; what an owner has held for long.
    {"SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms, laters FROM weir_pending WHERE grp = 1 AND "
     "consumer IS NULL AND due_ms <= 5 ORDER BY due_ms, turn",
     "INDEX weir_pending_by_due"},
    {"SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms, laters FROM weir_pending WHERE consumer = 1 AND "
     "delivered_ms <= 5 ORDER BY ms, seq",
     "INDEX weir_pending_by_consumer (consumer=?)"},
    // CLAIM: those that were given back; then the longest idle.
    {"SELECT ms, seq FROM weir_pending WHERE grp = 1 AND consumer IS NULL AND due_ms <= 5 ORDER BY due_ms, turn LIMIT "
     "9",
     "INDEX weir_pending_by_due"},
    {"SELECT ms, seq FROM weir_pending WHERE grp = 1 AND consumer IS NOT NULL AND delivered_ms <= 5"
     " ORDER BY delivered_ms, turn, ms, seq LIMIT 9",
     "INDEX weir_pending_by_time"},
    // ACKED: whether any group still needs the entry; keep --acked: the first that a group holds.
    {"SELECT 1 FROM weir_groups g WHERE stream = 1 AND (next <= 2 OR EXISTS (SELECT 1 FROM weir_pending p"
     " WHERE p.grp = g.grp AND p.ms = 1 AND p.seq = 1)) LIMIT 1",
     "USING PRIMARY KEY (grp=? AND ms=? AND seq=?)"},
    {"SELECT n FROM weir_pending WHERE grp = 1 ORDER BY ms, seq LIMIT 1", "USING PRIMARY KEY (grp=?)"},
}};

}  // namespace

TEST_CASE("What the tables of schema 2 are for is found by an index, in its order") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  REQUIRE(open_sqlite_store(path, StoreOptions{}));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, sqlite::kClaimIndex, nullptr, nullptr, nullptr) == SQLITE_OK);
  for (const auto& [sql, answered_by] : kQuestions) {
    INFO(sql);
    std::string plan;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db, ("EXPLAIN QUERY PLAN " + std::string(sql)).c_str(), -1, &statement, nullptr) ==
            SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      plan += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3)) + std::string("\n");
    }
    sqlite3_finalize(statement);
    INFO(plan);
    CHECK(plan.find(answered_by) != std::string::npos);
    CHECK(plan.find("SCAN weir_") == std::string::npos);
    CHECK(plan.find("TEMP B-TREE") == std::string::npos);
  }
  sqlite3_close(db);
}

TEST_CASE("A stream is deleted in as many statements, however many groups it has") {
  const TempDir folder;
  const Watch watching;
  const auto store = open_sqlite_store(folder.path("w.db"), StoreOptions{});
  REQUIRE(store);
  const auto statements_to_delete = [&](int groups) {
    REQUIRE((*store)->run(message("s")));
    for (int i = 0; i < groups; ++i) {
      REQUIRE((*store)->run(XgroupCreate{"s", "g" + std::to_string(i), kMinId, false, std::nullopt, false}));
      REQUIRE((*store)->run(XgroupCreateConsumer{"s", "g" + std::to_string(i), "c"}));
    }
    runs = 0;
    REQUIRE((*store)->run(Del{{"s"}}));
    return runs;
  };
  CHECK(statements_to_delete(50) == statements_to_delete(1));
  CHECK(runs > 0);
}

}  // namespace weir::test
