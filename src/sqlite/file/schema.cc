#include "sqlite/file/schema.h"

#include <fmt/format.h>

#include <array>

#include "sqlite/file/schema_1.h"

namespace weir::sqlite {
namespace {

// There is no index on this table, but it is short, and read by SQLite itself whenever a file is opened.
constexpr const char* kAnyOfOurs =
    "SELECT lower(name) = 'weir_meta' FROM sqlite_schema WHERE lower(name) IN ('weir_meta', 'weir_streams', "
    "'weir_entries', 'weir_groups', "
    "'weir_consumers', 'weir_pending', 'weir_messages', 'weir_held', 'weir_inbox')";
constexpr const char* kVersion = "SELECT value FROM weir_meta WHERE key = 'version'";

constexpr const char* kTables = R"sql(
CREATE TABLE weir_meta(
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO weir_meta VALUES ('version', 2);

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
  renamed INTEGER NOT NULL DEFAULT 0
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
  PRIMARY KEY(grp, ms, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX weir_pending_by_consumer ON weir_pending(consumer, ms, seq) WHERE consumer IS NOT NULL;
CREATE INDEX weir_pending_by_due ON weir_pending(grp, due_ms, turn) WHERE consumer IS NULL;
)sql";

// What people look at with any SQLite client, and where their own transactions append.
constexpr const char* kViews = R"sql(
CREATE VIEW weir_messages(stream, id, time, fields) AS
SELECT s.name,
  iif(typeof(e.ms) = 'integer', e.ms, ltrim(e.ms, '0')) || '-' || iif(typeof(e.seq) = 'integer', e.seq, ltrim(e.seq, '0')),
  strftime('%Y-%m-%dT%H:%M:%fZ', iif(typeof(e.ms) = 'integer', e.ms / 1000.0, NULL), 'unixepoch'),
  e.fields
FROM weir_streams s JOIN weir_entries e ON e.n >= s.stream << 42 AND e.n < (s.stream + 1) << 42;

CREATE VIEW weir_held(stream, "group", consumer, id, delivered, idle_ms, deliveries, fields, due) AS
SELECT s.name, g.name, c.name,
  iif(typeof(p.ms) = 'integer', p.ms, ltrim(p.ms, '0')) || '-' || iif(typeof(p.seq) = 'integer', p.seq, ltrim(p.seq, '0')),
  iif(p.consumer IS NULL, NULL, strftime('%Y-%m-%dT%H:%M:%fZ', p.delivered_ms / 1000.0, 'unixepoch')),
  iif(p.consumer IS NULL, NULL,
    max(0, CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) - p.delivered_ms)),
  p.deliveries,
  e.fields,
  strftime('%Y-%m-%dT%H:%M:%fZ', p.due_ms / 1000.0, 'unixepoch')
FROM weir_pending p
  JOIN weir_groups g ON g.grp = p.grp
  JOIN weir_streams s ON s.stream = g.stream
  LEFT JOIN weir_consumers c ON c.consumer = p.consumer
  LEFT JOIN weir_entries e ON e.n = p.n;

CREATE VIEW weir_inbox(stream, fields) AS SELECT name, NULL FROM weir_streams WHERE 0;
)sql";

// SQLite takes any bytes for text, and decodes a lone surrogate, written \uD800, to three bytes that are no UTF-8.
// A text is halved as long as a piece holds a byte beyond ASCII. A piece of one character must be the character that
// its code makes: SQLite reads what is wrong as another one. U+FFFE and U+FFFF are characters, but it reads them as
// U+FFFD. It ends a string at \u0000, so that nothing may hide there.
#define NOT_UTF8                                                                                                     \
  "EXISTS (WITH RECURSIVE piece(t) AS (\n"                                                                           \
  "SELECT NEW.stream UNION ALL SELECT NEW.fields UNION ALL"                                                          \
  " SELECT '' || iif(column1, key, value) FROM json_each(replace(NEW.fields, '\\u0000', '\\u0001')),"                \
  " (VALUES (0), (1)) WHERE instr(NEW.fields, '\\u')\n"                                                              \
  "UNION ALL SELECT substr(t, 1 + column1 * (length(t) / 2), length(t) / 2 + column1) FROM piece, (VALUES (0), (1))" \
  " WHERE length(t) > 1 AND t GLOB '*[^' || char(1) || '-' || char(127) || ']*')\n"                                  \
  "SELECT 1 FROM piece WHERE length(t) = 1 AND unicode(t) > 127 AND t <> char(unicode(t))"                           \
  " AND t NOT IN (char(65534), char(65535)))"

// The half of an ID that becomes one more, in either of its two forms: the sequence, or the time when there is no
// higher sequence.
#define NEXT_HALF                                                                                    \
  "iif(typeof(half) = 'integer', iif(half < 9223372036854775807, half + 1, '09223372036854775808')," \
  " printf('%010d%010d', CAST(substr(half, 1, 10) AS INTEGER) + (substr(half, 11) = '9999999999'),"  \
  " (CAST(substr(half, 11) AS INTEGER) + 1) % 10000000000))"

// An application appends in its own transaction with INSERT INTO weir_inbox(stream, fields). The rules are those of
// XADD with `*`. The stream's row is updated first and the entry takes its ID from there.
constexpr const char* kInbox =
    "CREATE TRIGGER weir_inbox_insert INSTEAD OF INSERT ON weir_inbox BEGIN\n"
    "SELECT RAISE(ABORT, 'weir_inbox: stream must be a text that is not empty')"
    " WHERE typeof(NEW.stream) <> 'text' OR NEW.stream = '';\n"
    "SELECT RAISE(ABORT, 'weir_inbox: fields must be a JSON object with at least one field, as json_object() makes it')"
    " WHERE typeof(NEW.fields) <> 'text' OR instr(NEW.fields, char(0)) OR NOT json_valid(NEW.fields)"
    " OR json_type(NEW.fields) <> 'object'"
    " OR NOT EXISTS (SELECT 1 FROM json_each(NEW.fields));\n"
    "SELECT RAISE(ABORT, 'weir_inbox: a field must be a string, a number, true, false or null: "
    "a message is a flat hash')"
    " WHERE EXISTS (SELECT 1 FROM json_each(NEW.fields) WHERE type IN ('object', 'array'));\n"
    "SELECT RAISE(ABORT, 'weir_inbox: stream and fields must be UTF-8, without lone surrogates')"
    " WHERE " NOT_UTF8
    ";\n"
    // After the highest number, as long as there is room: a number is taken again only when there are no others.
    "INSERT INTO weir_streams(stream, name, tail) SELECT number, NEW.stream, number << 42"
    " FROM (SELECT iif(highest < 2097151, highest + 1, coalesce("
    "(SELECT s.stream + 1 FROM (SELECT 0 AS stream UNION ALL SELECT stream FROM weir_streams) s "
    "WHERE s.stream < 2097151"
    " AND NOT EXISTS (SELECT 1 FROM weir_streams t WHERE t.stream = s.stream + 1) LIMIT 1),"
    " RAISE(ABORT, 'weir_inbox: there are 2097151 streams, and no more can be made'))) AS number"
    " FROM (SELECT coalesce(max(stream), 0) AS highest FROM weir_streams)"
    " WHERE NOT EXISTS (SELECT 1 FROM weir_streams WHERE name = NEW.stream));\n"
    "SELECT RAISE(ABORT, 'ERR The stream has exhausted the last possible ID, unable to add more items')"
    " FROM weir_streams WHERE name = NEW.stream AND last_ms = '18446744073709551615'"
    " AND last_seq = '18446744073709551615';\n"
    // The right-hand sides see the row as it was.
    "UPDATE weir_streams SET"
    " last_ms = CASE WHEN now > last_ms THEN now WHEN carry THEN next ELSE last_ms END,"
    " last_seq = CASE WHEN now > last_ms OR carry THEN 0 ELSE next END,"
    " length = length + 1, added = added + 1, tail = tail + 1"
    " FROM (SELECT now, carry, " NEXT_HALF
    " AS next FROM (SELECT"
    " CAST(strftime('%s', 'now') AS INTEGER) * 1000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) AS now,"
    " last_seq = '18446744073709551615' AS carry, iif(last_seq = '18446744073709551615', last_ms, last_seq) AS half"
    " FROM weir_streams WHERE name = NEW.stream))"
    " WHERE name = NEW.stream;\n"
    "INSERT INTO weir_entries(n, ms, seq, fields)"
    " SELECT tail - 1, last_ms, last_seq, json(NEW.fields) FROM weir_streams WHERE name = NEW.stream;\n"
    "END;\n";

/// A table as it has to be for SQL to be run on it. In its place a view could recurse for ever, and a virtual table do
/// anything: neither has a column that is its primary key.
struct Shape {
  const char* table;
  const char* key;
};

constexpr Shape kMeta{"weir_meta", "key"};
constexpr std::array<Shape, 5> kShapes{{{"weir_streams", "stream"},
                                        {"weir_entries", "n"},
                                        {"weir_groups", "grp"},
                                        {"weir_consumers", "consumer"},
                                        {"weir_pending", "grp"}}};

/// Asks SQLite's memory of the schema, which costs less than a statement.
bool is_ours(Database& db, const Shape& shape) {
  int is_key = 0;
  const int code = sqlite3_table_column_metadata(db.handle(), "main", shape.table, shape.key, nullptr, nullptr, nullptr,
                                                 &is_key, nullptr);
  return code == SQLITE_OK && is_key != 0;
}

tl::unexpected<Error> not_ours(const Database& db, const std::string& what) {
  return fail(Failure::store, fmt::format("{}: {}", db.path(), what),
              "the file is damaged, or another program has changed weir's tables: go on with a copy of it, or with "
              "another file");
}

Result<SchemaState> state_by_version(Database& db) {
  std::optional<std::int64_t> version;
  {
    Query query = db.query(kVersion);
    if (query.next()) {
      version = query.integer(0);
    }
  }
  if (db.failed()) {
    return tl::unexpected(db.take_failure());
  }
  if (!version) {
    return not_ours(db, "the table weir_meta holds no schema version");
  }
  if (*version < 1) {
    return not_ours(db, fmt::format("the table weir_meta holds schema version {}, the first was 1", *version));
  }
  if (*version > kSchemaVersion) {
    return fail(Failure::store,
                fmt::format("{}: made by a newer weir (schema version {}, this weir knows {})", db.path(), *version,
                            kSchemaVersion),
                "use that weir, or another file");
  }
  for (const Shape& shape : kShapes) {
    if (!is_ours(db, shape)) {
      return not_ours(db, fmt::format("{} is missing, or is not the table that weir made", shape.table));
    }
  }
  return *version < kSchemaVersion ? SchemaState::old : SchemaState::current;
}

/// Requires: a transaction. Reading the list of tables brings SQLite's memory of the schema up to date.
Result<SchemaState> look_again(Database& db) {
  bool any = false;
  bool has_meta = false;
  {
    Query query = db.query(kAnyOfOurs);
    while (query.next()) {
      any = true;
      has_meta = has_meta || query.integer(0) != 0;
    }
  }
  if (!any) {
    return SchemaState::absent;
  }
  if (is_ours(db, kMeta)) {
    return state_by_version(db);
  }
  return not_ours(db, has_meta ? "weir_meta is not the table that weir made" : "has tables of weir, but no weir_meta");
}

}  // namespace

Result<SchemaState> schema_state(Database& db) {
  if (is_ours(db, kMeta)) {
    return state_by_version(db);  // the usual case pays for one statement
  }
  // There is no such table, or there was none when SQLite read the schema: another process may have made it since. So
  // all of the second look is at one moment of the file. (A savepoint is a transaction where there is none yet.)
  db.execute("SAVEPOINT weir_look");
  Result<SchemaState> state = look_again(db);
  if (db.failed()) {
    state = tl::unexpected(db.take_failure());
  }
  db.execute("RELEASE weir_look");
  if (db.failed()) {
    db.take_failure();  // it did not come to a savepoint, which has been told
  }
  return state;
}

void make_schema(Database& db, SchemaState from) {
  if (from == SchemaState::absent) {
    db.execute(kTables);
  } else if (from == SchemaState::old) {
    migrate_from_1(db);
  }
  if (from != SchemaState::current) {
    db.execute(kViews);
    db.execute(kInbox);
  }
}

void show_old_schema(Database& db) {
  show_schema_1(db);
}

}  // namespace weir::sqlite
