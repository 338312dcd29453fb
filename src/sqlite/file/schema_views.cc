#include "sqlite/database/uncounted.h"
#include "sqlite/file/schema_parts.h"

namespace weir::sqlite {

// A half of an ID below 2^63 is an INTEGER, which sorts before any text. In weir_held a message that nobody holds has
// no time of delivery: NULL times 0 is NULL.
const char* const kViews = R"sql(
CREATE VIEW weir_messages(stream, id, time, fields) AS
SELECT name,
  iif(ms < '', ms, ltrim(ms, '0')) || '-' || iif(seq < '', seq, ltrim(seq, '0')),
  strftime('%Y-%m-%dT%H:%M:%fZ', ms / 1000.0, 'unixepoch'),
  fields
FROM weir_streams JOIN weir_entries ON n >= stream << 42 AND n < (stream + 1) << 42;

CREATE VIEW weir_held(stream, "group", consumer, id, delivered, idle_ms, deliveries, fields, due) AS
SELECT s.name, g.name, c.name,
  iif(ms < '', ms, ltrim(ms, '0')) || '-' || iif(seq < '', seq, ltrim(seq, '0')),
  strftime('%Y-%m-%dT%H:%M:%fZ', (delivered_ms + 0 * consumer) / 1000.0, 'unixepoch'),
  max(0, CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) - (delivered_ms + 0 * consumer)),
  deliveries,
  (SELECT fields FROM weir_entries e WHERE e.n = p.n),
  strftime('%Y-%m-%dT%H:%M:%fZ', p.due_ms / 1000.0, 'unixepoch')
FROM weir_pending p
  JOIN weir_groups g USING (grp)
  JOIN weir_streams s USING (stream)
  LEFT JOIN weir_consumers c USING (consumer);

CREATE VIEW weir_inbox(stream, fields) AS SELECT name, NULL FROM weir_streams WHERE 0;
)sql";

// SQLite accepts any bytes as text. It decodes a lone surrogate, written \uD800, to three bytes that are no UTF-8; in a
// UTF-16 file these have become U+FFFD. So every legitimate U+FFFD is first replaced by an x, or by U+00FD. SQLite ends
// a string at \u0000, so \u0000 is replaced too: otherwise text after it would go unchecked.
// The text is halved as long as a piece holds more than printable ASCII. A piece of one character must equal the
// character that its code makes, since SQLite reads wrong bytes as another character. U+FFFE and U+FFFF are allowed,
// though SQLite reads them as U+FFFD.
#define NOT_UTF8                                                                                                     \
  "EXISTS (WITH RECURSIVE piece(t) AS (\n"                                                                           \
  "SELECT replace(NEW.stream || NEW.fields, char(65533), 'x') UNION ALL"                                             \
  " SELECT printf('%s%s', key, value) FROM json_each(replace(replace(replace(lower(NEW.fields), '\\uff', '\\u00'),"  \
  " '\\u0000', '\\u0001'), char(65533), 'x')) WHERE instr(NEW.fields, '\\u')\n"                                      \
  "UNION ALL SELECT substr(t, 1 + column1 * (length(t) / 2), length(t) / 2 + column1) FROM piece, (VALUES (0), (1))" \
  " WHERE length(t) > 1 AND t GLOB '*[^ -~]*')\n"                                                                    \
  "SELECT 1 FROM piece WHERE length(t) = 1"                                                                          \
  " AND (t = char(65533) OR t <> char(unicode(t)) AND t NOT IN (char(65534), char(65535))))"

// Adds one to a half of an ID, in either of its two forms: to the sequence, or to the time if there is no higher
// sequence.
#define NEXT_HALF                                                                                                 \
  "CASE WHEN half < 9223372036854775807 THEN half + 1 WHEN half < '' THEN '09223372036854775808'"                 \
  " WHEN half = '18446744073709551615' THEN"                                                                      \
  " RAISE(ABORT, 'ERR The stream has exhausted the last possible ID, unable to add more items')"                  \
  " ELSE printf('%010d%010d', substr(half, 1, 10) + (substr(half, 11) = '9999999999'), (substr(half, 11) + 1) % " \
  "10000000000) END"

// An application appends in its own transaction with INSERT INTO weir_inbox(stream, fields). The rules are those of
// XADD with `*`; inbox_random_test.cc holds both against each other. The stream's row is updated first and the entry
// takes its ID from there.
const char* const kInbox =
    "CREATE TRIGGER weir_inbox_insert INSTEAD OF INSERT ON weir_inbox BEGIN\n"
    "SELECT CASE WHEN typeof(NEW.stream) <> 'text' OR NEW.stream = '' OR instr(NEW.stream, char(0))"
    " THEN RAISE(ABORT, 'weir_inbox: stream must be a text that is not empty')\n"
    "WHEN typeof(NEW.fields) <> 'text' OR instr(NEW.fields, char(0)) OR NOT json_valid(NEW.fields)"
    " OR json_type(NEW.fields) <> 'object' OR json(NEW.fields) = '{}' THEN RAISE(ABORT,"
    " 'weir_inbox: fields must be a JSON object with at least one field, as json_object() makes it')\n"
    "WHEN EXISTS (SELECT 1 FROM json_each(NEW.fields) WHERE type IN ('object', 'array')) THEN RAISE(ABORT,"
    " 'weir_inbox: a field must be a string, a number, true, false or null: a message is a flat hash')\n"
    "WHEN " NOT_UTF8
    " THEN RAISE(ABORT, 'weir_inbox: stream and fields must be UTF-8, without lone surrogates') END;\n"
    // The new stream's number comes after the highest that was ever given (see tables/stream_numbers.h), as long as
    // there is room.
    "INSERT INTO weir_streams(stream, name, tail) SELECT number, NEW.stream, number << 42"
    " FROM (SELECT iif(highest < 2097150, highest + 1, coalesce("
    "(SELECT s.stream + 1 FROM (SELECT 0 AS stream UNION ALL SELECT stream FROM weir_streams) s "
    "WHERE s.stream < 2097150"
    " AND NOT EXISTS (SELECT 1 FROM weir_streams t WHERE t.stream = s.stream + 1) LIMIT 1),"
    " RAISE(ABORT, 'weir_inbox: there are 2097150 streams, and no more can be made'))) AS number"
    " FROM (SELECT coalesce(max(n), 0) AS highest FROM (SELECT max(stream) AS n FROM weir_streams"
    " UNION ALL SELECT value FROM weir_meta WHERE key = 'last_stream'))"
    " WHERE NOT EXISTS (SELECT 1 FROM weir_streams WHERE name = NEW.stream));\n"
    // The right-hand sides see the row as it was. This also counts the entries that were not counted yet.
    "UPDATE weir_streams SET"
    " last_ms = CASE WHEN now > ms THEN now WHEN carry THEN next ELSE ms END,"
    " last_seq = CASE WHEN now > ms OR carry THEN 0 ELSE next END,"
    " length = length + more, tail = tail + more, added = " WEIR_ADDED_AND_MORE
    " FROM (SELECT now, carry, ms, more, " NEXT_HALF
    " AS next FROM (SELECT strftime('%s', 'now') * 1000 + substr(strftime('%f', 'now'), 4) AS now, ms, more,"
    " seq = '18446744073709551615' AS carry, iif(seq = '18446744073709551615', ms, seq) AS half"
    " FROM (SELECT ifnull(ms, last_ms) AS ms, ifnull(seq, last_seq) AS seq, ifnull(n + 2 - tail, 1) AS more"
    " FROM weir_streams LEFT JOIN weir_entries ON n >= tail AND n < (stream + 1) << 42"
    " WHERE name = NEW.stream ORDER BY n DESC LIMIT 1)))"
    " WHERE name = NEW.stream;\n"
    "INSERT INTO weir_entries(n, ms, seq, fields)"
    " SELECT iif(tail - 1 >> 42 = stream, tail - 1, RAISE(ABORT, 'weir_inbox: the stream has no more positions')),"
    " last_ms, last_seq, json(NEW.fields) FROM weir_streams WHERE name = NEW.stream;\n"
    "END;\n";

}  // namespace weir::sqlite
