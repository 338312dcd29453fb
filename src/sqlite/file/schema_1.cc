#include "sqlite/file/schema_1.h"

namespace weir::sqlite {
namespace {

// What version 1 lacked: pending entries that nobody holds. `weir work` gave a message that was to be delivered again
// to a consumer named weir.retry, with a delivery time such that it was due when its idle time reached the larger of
// the worker's --min-idle and the upper end of its --backoff. The file does not say which that was; these are what
// they are if they are not given. (Too soon is better than too late: the command just runs once more.)
#define WAITS_AS_BEFORE "300000"
#define IS_RETRY "consumer IN (SELECT consumer FROM main.weir_consumers WHERE name = 'weir.retry')"

// The tables that have changed, as they are in version 2. Looking at an old file and migrating it use the same.
#define GROUPS                                                                                                      \
  "SELECT grp, stream, name, last_ms, last_seq, next, entries_read, released, released AS releases FROM (SELECT *," \
  " (SELECT coalesce(sum(pending), 0) FROM main.weir_consumers c WHERE c.grp = g.grp AND c.name = 'weir.retry') AS" \
  " released FROM main.weir_groups g)"
#define CONSUMERS "SELECT * FROM main.weir_consumers WHERE name <> 'weir.retry'"
#define PENDING                                                                            \
  "SELECT grp, ms, seq, n, iif(" IS_RETRY                                                  \
  ", NULL, consumer) AS consumer,"                                                         \
  " iif(" IS_RETRY                                                                         \
  ", (SELECT max(p.delivered_ms, c.seen_ms) FROM main.weir_consumers c WHERE c.consumer =" \
  " p.consumer), delivered_ms) AS delivered_ms, deliveries,"                               \
  " iif(" IS_RETRY ", delivered_ms + " WAITS_AS_BEFORE                                     \
  ", NULL) AS due_ms,"                                                                     \
  " iif(" IS_RETRY ", row_number() OVER (PARTITION BY grp, " IS_RETRY                      \
  " ORDER BY delivered_ms), NULL) AS turn"                                                 \
  " FROM main.weir_pending p"

constexpr const char* kShow = "CREATE TEMP VIEW weir_groups AS " GROUPS
                              ";\n"
                              "CREATE TEMP VIEW weir_pending AS " PENDING
                              ";\n"
                              "CREATE TEMP VIEW weir_consumers AS " CONSUMERS ";\n";

// An INSERT … SELECT into a new table, then its name: a column that may be NULL now cannot be had by ALTER TABLE.
// Giving the name looks through all views and triggers of the file, unless told otherwise, and fails at an
// application's that names what is not there at this moment.
constexpr const char* kMigrate =
    "PRAGMA legacy_alter_table = ON;\n"
    "DROP TRIGGER weir_inbox_insert;\n"
    "DROP VIEW weir_inbox;\n"
    "DROP VIEW weir_held;\n"
    "DROP VIEW weir_messages;\n"
    "CREATE TABLE weir_pending_2(grp INTEGER NOT NULL, ms ANY NOT NULL, seq ANY NOT NULL, n INTEGER NOT NULL,"
    " consumer INTEGER, delivered_ms INTEGER NOT NULL, deliveries INTEGER NOT NULL, due_ms INTEGER, turn INTEGER,"
    " PRIMARY KEY(grp, ms, seq)) STRICT, WITHOUT ROWID;\n"
    "INSERT INTO weir_pending_2 " PENDING
    ";\n"
    "DROP TABLE weir_pending;\n"
    "ALTER TABLE weir_pending_2 RENAME TO weir_pending;\n"
    "CREATE INDEX weir_pending_by_consumer ON weir_pending(consumer, ms, seq) WHERE consumer IS NOT NULL;\n"
    "CREATE INDEX weir_pending_by_due ON weir_pending(grp, due_ms, turn) WHERE consumer IS NULL;\n"
    "ALTER TABLE weir_groups ADD COLUMN released INTEGER NOT NULL DEFAULT 0;\n"
    "ALTER TABLE weir_groups ADD COLUMN releases INTEGER NOT NULL DEFAULT 0;\n"
    "UPDATE weir_groups SET (released, releases) = (SELECT count(*), count(*) FROM weir_pending p"
    " WHERE p.grp = weir_groups.grp AND p.consumer IS NULL);\n"
    "DELETE FROM weir_consumers WHERE name = 'weir.retry';\n"
    "UPDATE weir_meta SET value = 2 WHERE key = 'version';\n"
    "PRAGMA legacy_alter_table = OFF;\n";

}  // namespace

void migrate_from_1(Database& db) {
  db.execute(kMigrate);
}

void show_schema_1(Database& db) {
  db.execute(kShow);
}

}  // namespace weir::sqlite
