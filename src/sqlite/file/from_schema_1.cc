#include "sqlite/file/from_schema_1.h"

#include "sqlite/file/schema_parts.h"

namespace weir::sqlite {
namespace {

// Version 1 had no pending entries without a holder. `weir work` gave a message that was to be delivered again to a
// consumer named weir.retry. The delivery time was set so that the message was due when its idle time reached the
// larger of the worker's --min-idle and the upper end of its --backoff. The file does not store those two, so their
// defaults are used here. (Too soon is better than too late: the command just runs once more.)
#define WAITS_AS_BEFORE "300000"
#define IS_RETRY "consumer IN (SELECT consumer FROM main.weir_consumers WHERE name = 'weir.retry')"

// The tables that have changed, as they are in version 2; used both for looking at an old file and for migrating it.
// New tables need no view: `flags` says that the streams of an old file have no rows in them.
#define STREAMS "SELECT *, 0 AS flags, NULL AS due_ms FROM main.weir_streams"
#define GROUPS                                                                                                      \
  "SELECT grp, stream, name, last_ms, last_seq, next, entries_read, released, released AS releases,"                \
  " NULL AS paused_ms, NULL AS paced_us FROM (SELECT *,"                                                            \
  " (SELECT coalesce(sum(pending), 0) FROM main.weir_consumers c WHERE c.grp = g.grp AND c.name = 'weir.retry') AS" \
  " released FROM main.weir_groups g)"
#define CONSUMERS "SELECT * FROM main.weir_consumers WHERE name <> 'weir.retry'"
#define PENDING(table)                                                                     \
  "SELECT grp, ms, seq, n, iif(" IS_RETRY                                                  \
  ", NULL, consumer) AS consumer,"                                                         \
  " iif(" IS_RETRY                                                                         \
  ", (SELECT max(p.delivered_ms, c.seen_ms) FROM main.weir_consumers c WHERE c.consumer =" \
  " p.consumer), delivered_ms) AS delivered_ms, deliveries,"                               \
  " iif(" IS_RETRY ", delivered_ms + " WAITS_AS_BEFORE                                     \
  ", NULL) AS due_ms,"                                                                     \
  " iif(" IS_RETRY ", row_number() OVER (PARTITION BY grp, " IS_RETRY                      \
  " ORDER BY delivered_ms), NULL) AS turn, NULL AS laters"                                 \
  " FROM main." table " p"

constexpr const char* kShow =
    "CREATE TEMP VIEW weir_streams AS " STREAMS
    ";\n"
    "CREATE TEMP VIEW weir_groups AS " GROUPS
    ";\n"
    "CREATE TEMP VIEW weir_pending AS " PENDING("weir_pending") ";\n"
    "CREATE TEMP VIEW weir_consumers AS " CONSUMERS ";\n";

constexpr const char* kStopShowing =
    "DROP VIEW temp.weir_streams;\n"
    "DROP VIEW temp.weir_groups;\n"
    "DROP VIEW temp.weir_pending;\n"
    "DROP VIEW temp.weir_consumers;\n";

// By default, renaming a table checks all views and triggers of the file, and fails if one of an application's names a
// table that is missing at this moment.
constexpr const char* kBegin =
    "PRAGMA legacy_alter_table = ON;\n"
    "DROP TRIGGER IF EXISTS weir_inbox_insert;\n"
    "DROP VIEW IF EXISTS weir_inbox;\n"
    "DROP VIEW IF EXISTS weir_held;\n"
    "DROP VIEW IF EXISTS weir_messages;\n"
    "DROP INDEX IF EXISTS weir_pending_by_consumer;\n"
    "DROP TABLE weir_meta;\n"
    "ALTER TABLE weir_pending RENAME TO weir_pending_1;\n";
// ALTER TABLE adds new columns at the end. It cannot let a column become NULL, so a table that needs that is made anew.
constexpr const char* kMigrate =
    "ALTER TABLE weir_streams ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;\n"
    "ALTER TABLE weir_streams ADD COLUMN due_ms INTEGER;\n"
    "ALTER TABLE weir_groups ADD COLUMN released INTEGER NOT NULL DEFAULT 0;\n"
    "ALTER TABLE weir_groups ADD COLUMN releases INTEGER NOT NULL DEFAULT 0;\n"
    "ALTER TABLE weir_groups ADD COLUMN paused_ms INTEGER;\n"
    "ALTER TABLE weir_groups ADD COLUMN paced_us INTEGER;\n"
    "INSERT INTO weir_pending " PENDING("weir_pending_1") ";\n"
    "DROP TABLE weir_pending_1;\n"
    "UPDATE weir_groups SET (released, releases) = (SELECT count(*), count(*) FROM weir_pending p"
    " WHERE p.grp = weir_groups.grp AND p.consumer IS NULL);\n"
    "DELETE FROM weir_consumers WHERE name = 'weir.retry';\n"
    "INSERT INTO weir_meta SELECT 'migrated_by', value FROM weir_meta WHERE key = 'made_by';\n"
    "UPDATE weir_meta SET value = 'weir 0.1.0' WHERE key = 'made_by';\n"
    "PRAGMA legacy_alter_table = OFF;\n";

}  // namespace

void migrate_from_1(Database& db) {
  for (const char* part : {kBegin, kMetaTable, kPendingTable, kTablesSince2, kMigrate}) {
    db.execute(part);
  }
}

void show_schema_1(Database& db) {
  db.execute(kShow);
}

void stop_showing_schema_1(Database& db) {
  db.execute(kStopShowing);
}

}  // namespace weir::sqlite
