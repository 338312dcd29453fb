#include "sqlite/file/schema_parts.h"

namespace weir::sqlite {

const char* const kMetaTable = R"sql(
CREATE TABLE weir_meta(
  key TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO weir_meta VALUES ('version', 2), ('made_by', 'weir )sql" WEIR_VERSION R"sql(');
)sql";

const char* const kFirstTables = R"sql(
CREATE TABLE weir_streams(
  stream INTEGER PRIMARY KEY,
  name ANY NOT NULL UNIQUE,
  length INTEGER NOT NULL DEFAULT 0,
  added INTEGER NOT NULL DEFAULT 0,
  last_ms ANY NOT NULL DEFAULT 0,
  last_seq ANY NOT NULL DEFAULT 0,
  deleted_ms ANY NOT NULL DEFAULT 0,
  deleted_seq ANY NOT NULL DEFAULT 0,
  tail INTEGER NOT NULL,
  renamed INTEGER NOT NULL DEFAULT 0,
  flags INTEGER NOT NULL DEFAULT 0,
  due_ms INTEGER
) STRICT;

CREATE TABLE weir_entries(
  n INTEGER PRIMARY KEY,
  ms ANY NOT NULL,
  seq ANY NOT NULL,
  fields TEXT NOT NULL
) STRICT;

CREATE TABLE weir_groups(
  grp INTEGER PRIMARY KEY AUTOINCREMENT,
  stream INTEGER NOT NULL,
  name ANY NOT NULL,
  last_ms ANY NOT NULL,
  last_seq ANY NOT NULL,
  next INTEGER NOT NULL,
  entries_read INTEGER,
  released INTEGER NOT NULL DEFAULT 0,
  releases INTEGER NOT NULL DEFAULT 0,
  paused_ms INTEGER,
  paced_us INTEGER,
  UNIQUE(stream, name)
) STRICT;

CREATE TABLE weir_consumers(
  consumer INTEGER PRIMARY KEY,
  grp INTEGER NOT NULL,
  name ANY NOT NULL,
  pending INTEGER NOT NULL DEFAULT 0,
  seen_ms INTEGER NOT NULL,
  active_ms INTEGER,
  UNIQUE(grp, name)
) STRICT;
)sql";

// Two indexes would be useful but are missing, since they are dear. An index by position would answer "does any group
// still hold this entry"; instead the primary key is asked once for each group. An index by time of delivery would help
// XREADGROUP CLAIM, which makes it when it is first used: see kClaimIndex. These indexes would make an XREADGROUP of
// many entries take 20 and 33 % more instructions, an acknowledgement 11 and 16 %.
const char* const kPendingTable = R"sql(
CREATE TABLE weir_pending(
  grp INTEGER NOT NULL,
  ms ANY NOT NULL,
  seq ANY NOT NULL,
  n INTEGER NOT NULL,
  consumer INTEGER,
  delivered_ms INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  due_ms INTEGER,
  turn INTEGER,
  laters INTEGER,
  PRIMARY KEY(grp, ms, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX weir_pending_by_consumer ON weir_pending(consumer, ms, seq) WHERE consumer IS NOT NULL;
CREATE INDEX weir_pending_by_due ON weir_pending(grp, due_ms, turn) WHERE consumer IS NULL;
)sql";

// Tables that most streams do not use. `flags` in the stream's row says which of them have rows of the stream; the
// others are never asked. A serial value, or a key of --unique, counts only while its message is there, so that
// deleting a message need not look for it.
const char* const kTablesSince2 = R"sql(
CREATE TABLE weir_extras(
  stream INTEGER PRIMARY KEY,
  keep_maxlen INTEGER,
  keep_maxage_ms INTEGER,
  keep_acked INTEGER,
  idmp_duration_s INTEGER,
  idmp_maxsize INTEGER,
  iids_added INTEGER NOT NULL DEFAULT 0,
  iids_duplicates INTEGER NOT NULL DEFAULT 0,
  delayed INTEGER NOT NULL DEFAULT 0,
  delays INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE weir_delayed(
  stream INTEGER,
  due_ms INTEGER,
  seq INTEGER,
  fields TEXT NOT NULL,
  key ANY,
  PRIMARY KEY(stream, due_ms, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE weir_keys(
  stream INTEGER,
  producer ANY,
  key ANY,
  turn INTEGER,
  ms ANY NOT NULL,
  seq ANY NOT NULL,
  added_ms INTEGER NOT NULL,
  PRIMARY KEY(stream, producer, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX weir_keys_by_turn ON weir_keys(stream, producer, turn);

CREATE TABLE weir_serial(
  grp INTEGER,
  ms ANY,
  seq ANY,
  value ANY NOT NULL,
  PRIMARY KEY(grp, ms, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX weir_serial_by_value ON weir_serial(grp, value, ms, seq);
)sql";

}  // namespace weir::sqlite
