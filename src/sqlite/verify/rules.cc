#include "sqlite/verify/rules.h"

#include <array>

#include "sqlite/database/uncounted.h"
#include "sqlite/verify/no_id.h"

namespace weir::sqlite {
namespace {

// The text of an ID, from its halves, as in the views.
#define ID_OF(ms, seq) \
  "iif(" ms " < '', " ms ", ltrim(" ms ", '0')) || '-' || iif(" seq " < '', " seq ", ltrim(" seq ", '0'))"
#define OF_STREAM "n >= s.stream << 42 AND n < (s.stream + 1) << 42"
#define ENTRIES "(SELECT count(*) FROM weir_entries WHERE " OF_STREAM ")"
#define ENTRIES_WHERE(condition) "(SELECT count(*) FROM weir_entries WHERE " OF_STREAM " AND " condition ")"
#define LAST_ENTRY "(SELECT n FROM weir_entries WHERE " OF_STREAM " ORDER BY n DESC LIMIT 1)"
#define GROUPS "weir_groups g LEFT JOIN weir_streams s USING (stream)"
#define PENDING "weir_pending p LEFT JOIN weir_groups g USING (grp) LEFT JOIN weir_streams s USING (stream)"
// A message that is still to be delivered to the group.
#define UNDELIVERED                                                                                                  \
  "(SELECT iif((e.ms, e.seq) > (g.last_ms, g.last_seq), e.n, NULL) FROM weir_entries e WHERE e.n >= g.stream << 42 " \
  "AND e.n < g.next ORDER BY e.n DESC LIMIT 1)"
#define NEVER "9223372036854775807"
#define OUT_OF_TURN                                                                                              \
  "p.consumer IS NULL AND p.due_ms = " NEVER                                                                     \
  " AND NOT EXISTS (SELECT 1 FROM weir_serial v, weir_serial b WHERE v.grp = p.grp AND v.ms = p.ms AND "         \
  "v.seq = p.seq AND b.grp = p.grp AND b.value = v.value AND (b.ms, b.seq) > (0, 0) AND (b.ms, b.seq) < (v.ms, " \
  "v.seq))"
// A value that is neither text, a number, true, false or null, nor {"base64":"…"}.
#define NO_VALUE(row)                                                          \
  "(" row ".type = 'array' OR " row                                            \
  ".type = 'object' AND NOT (SELECT count(*) = 1 AND max(key) = 'base64' AND " \
  "max(type) = 'text' AND max(atom) NOT GLOB '*[^A-Za-z0-9+/=]*' FROM json_each(" row ".value)))"
// See stream/fields.h. Most fields have no inner bracket, and then no value has to be looked at.
#define WRONG_FIELDS \
  "CASE WHEN NOT json_valid(fields) OR length(fields) < 5 THEN 1 " \
  "WHEN fields GLOB '{*' THEN fields GLOB '?*[[{]*' AND EXISTS " \
  "(SELECT 1 FROM json_each(fields) v WHERE " NO_VALUE("v") ") " \
  "ELSE EXISTS (SELECT 1 FROM json_each(fields) f WHERE f.type <> 'array' OR " \
  "(SELECT count(*) FROM json_each(f.value)) <> 2 OR " \
  "EXISTS (SELECT 1 FROM json_each(f.value) v WHERE " NO_VALUE("v") ")) END"

constexpr const char* kNoIds =
    "SELECT s.name, NULL, 'at position ' || n || ' stands an entry whose ID is none' FROM weir_entries "
    "LEFT JOIN weir_streams s ON s.stream = n >> 42 WHERE (ms = 0 AND seq = 0) OR " WEIR_NO_ID("ms", "seq")
    " UNION ALL SELECT name, NULL, 'its last ID is none' FROM weir_streams WHERE " WEIR_NO_ID("last_ms", "last_seq")
    " UNION ALL SELECT name, NULL, 'the highest ID that was deleted is none' FROM weir_streams WHERE "
    WEIR_NO_ID("deleted_ms", "deleted_seq")
    " UNION ALL SELECT s.name, g.name, 'the last ID that it was given is none' FROM " GROUPS " WHERE "
    WEIR_NO_ID("g.last_ms", "g.last_seq")
    " UNION ALL SELECT s.name, g.name, 'a message is pending whose ID is none' FROM " PENDING " WHERE "
    WEIR_NO_ID("p.ms", "p.seq")
    " UNION ALL SELECT s.name, NULL, 'a key is of an entry whose ID is none' FROM weir_keys k "
    "LEFT JOIN weir_streams s USING (stream) WHERE " WEIR_NO_ID("k.ms", "k.seq")
    " UNION ALL SELECT NULL, NULL, 'what waits for another has an ID that is none' FROM weir_serial WHERE "
    WEIR_NO_ID("ms", "seq");

// Where just as many entries are missing in `length` as are uncounted, by the tail or by the last ID (one of them may
// be what is wrong), they are missing in `added`, too.
constexpr const char* kMendLength =
    "UPDATE weir_streams AS s SET added = (SELECT " WEIR_ADDED_AND_MORE " FROM (SELECT " ENTRIES
    " - s.length AS more)) WHERE length < " ENTRIES " AND " ENTRIES " - length IN (" ENTRIES_WHERE("n >= s.tail")
    ", " ENTRIES_WHERE("(ms, seq) > (s.last_ms, s.last_seq)") ");"
    "UPDATE weir_streams AS s SET length = " ENTRIES;

constexpr std::array kRules{
    Rule{.name = "sqlite", .look = look_with_sqlite, .repair = make_indexes_anew},
    Rule{.name = "schema", .look = look_at_schema, .repair = make_what_is_missing},
    Rule{.name = "stream-number",
         .find = "SELECT name, NULL, 'its number is ' || stream || ', which is none of 1 to 2097150' FROM weir_streams "
                 "WHERE stream NOT BETWEEN 1 AND 2097150"},
    Rule{.name = "ownerless", .look = look_for_ownerless, .repair = give_them_a_stream},
    Rule{.name = "order", .look = look_at_entries, .repair = put_entries_in_order},
    Rule{
        .name = "name",
        .find = "SELECT NULL, NULL, what || ' has a name that is neither text nor bytes' FROM ("
                "SELECT 'stream number ' || stream AS what, name FROM weir_streams "
                "UNION ALL SELECT 'group number ' || grp, name FROM weir_groups "
                "UNION ALL SELECT 'consumer number ' || consumer, name FROM weir_consumers) "
                "WHERE typeof(name) NOT IN ('text', 'blob')",
        .mend =
            "UPDATE OR IGNORE weir_streams SET name = CAST(name AS TEXT) WHERE typeof(name) NOT IN ('text', 'blob');"
            "UPDATE OR IGNORE weir_groups SET name = CAST(name AS TEXT) WHERE typeof(name) NOT IN ('text', 'blob');"
            "UPDATE OR IGNORE weir_consumers SET name = CAST(name AS TEXT) WHERE typeof(name) NOT IN ('text', 'blob')"},
    Rule{.name = "id", .find = kNoIds},
    Rule{.name = "fields",
         .find = "SELECT s.name, NULL, 'the fields of ' || " ID_OF(
             "ms", "seq") " || ' are not what weir writes' "
                          "FROM weir_entries LEFT JOIN weir_streams s ON s.stream = n >> 42 WHERE " WRONG_FIELDS},
    Rule{.name = "length",
         .find = "SELECT name, NULL, 'it says that it has ' || length || ' entries, and has ' || there FROM "
                 "(SELECT name, length, " ENTRIES " AS there FROM weir_streams s) WHERE length <> there",
         .mend = kMendLength},
    Rule{.name = "added",
         .find = "SELECT name, NULL, 'it says that ' || added || ' entries were ever added, and has ' || length "
                 "FROM weir_streams WHERE added BETWEEN 0 AND length - 1",  // unsigned, so -1 is huge
         .mend = "UPDATE weir_streams SET added = length WHERE added BETWEEN 0 AND length - 1"},
    Rule{.name = "tail",
         .find =
             "SELECT name, NULL, 'the next entry would stand at position ' || (tail - (stream << 42)) || ', and the "
             "last is at ' || ifnull(" LAST_ENTRY " - (stream << 42), 'none') FROM weir_streams s "
             "WHERE tail <= ifnull(" LAST_ENTRY ", -1) OR tail < stream << 42 OR tail > (stream + 1) << 42 "
             "OR length > tail - (stream << 42)",
         .mend = "UPDATE weir_streams AS s SET tail = max(stream << 42, ifnull(1 + " LAST_ENTRY ", 0)) "
                 "WHERE tail <= ifnull(" LAST_ENTRY ", -1) OR tail < stream << 42 OR tail > (stream + 1) << 42 "
                 "OR length > tail - (stream << 42)"},
    Rule{
        .name = "last-id",
        .find = "SELECT s.name, NULL, 'its last ID is ' || " ID_OF(
            "s.last_ms",
            "s.last_seq") " || ', and it has ' || " ID_OF("e.ms",
                                                          "e.seq") " FROM weir_streams s JOIN weir_entries e ON e.n "
                                                                   "= " LAST_ENTRY
                                                                   " WHERE (e.ms, e.seq) > (s.last_ms, s.last_seq)",
        .mend =
            "UPDATE weir_streams AS s SET (last_ms, last_seq) = (SELECT ms, seq FROM weir_entries WHERE n = " LAST_ENTRY
            ") WHERE (SELECT (ms, seq) > (s.last_ms, s.last_seq) FROM weir_entries WHERE n = " LAST_ENTRY ")",
        .needs_order = true},
    Rule{.name = "deleted-id",
         .find = "SELECT name, NULL, 'the highest ID that was deleted, ' || " ID_OF(
             "deleted_ms",
             "deleted_seq") " || ', is above its last, ' || " ID_OF("last_ms",
                                                                    "last_seq") " FROM weir_streams WHERE (deleted_ms, "
                                                                                "deleted_seq) > (last_ms, last_seq)",
         .mend = "UPDATE weir_streams SET deleted_ms = last_ms, deleted_seq = last_seq "
                 "WHERE (deleted_ms, deleted_seq) > (last_ms, last_seq)",
         .needs_order = true},
    Rule{.name = "flags",
         .find =
             "SELECT name, NULL, 'it has rows in ' || kind || ' that nobody would look for' FROM weir_streams s JOIN ("
             "SELECT stream, 'weir_extras' AS kind, 1 AS flag FROM weir_extras "
             "UNION ALL SELECT stream, 'weir_extras, a policy,', 32 FROM weir_extras "
             "WHERE coalesce(keep_maxlen, keep_maxage_ms, nullif(keep_acked, 0)) IS NOT NULL "
             "UNION ALL SELECT DISTINCT stream, 'weir_delayed', 2 FROM weir_delayed "
             "UNION ALL SELECT DISTINCT stream, 'weir_keys', 4 FROM weir_keys "
             "UNION ALL SELECT DISTINCT stream, 'weir_serial', 8 FROM weir_groups JOIN weir_serial USING (grp)"
             ") USING (stream) WHERE s.flags & flag = 0",
         .mend = "UPDATE weir_streams SET flags = flags | 1 WHERE stream IN (SELECT stream FROM weir_extras);"
                 "UPDATE weir_streams SET flags = flags | 32 WHERE stream IN (SELECT stream FROM weir_extras "
                 "WHERE coalesce(keep_maxlen, keep_maxage_ms, nullif(keep_acked, 0)) IS NOT NULL);"
                 "UPDATE weir_streams SET flags = flags | 2 WHERE stream IN (SELECT stream FROM weir_delayed);"
                 "UPDATE weir_streams SET flags = flags | 4 WHERE stream IN (SELECT stream FROM weir_keys);"
                 "UPDATE weir_streams SET flags = flags | 8 WHERE stream IN "
                 "(SELECT stream FROM weir_groups JOIN weir_serial USING (grp))"},
    Rule{.name = "beside",
         .find = "SELECT NULL, NULL, kind || ' has rows of a stream that is not there, number ' || stream FROM ("
                 "SELECT stream, 'weir_extras' AS kind FROM weir_extras "
                 "UNION ALL SELECT DISTINCT stream, 'weir_keys' FROM weir_keys) "
                 "WHERE stream NOT IN (SELECT stream FROM weir_streams)",
         .mend = "DELETE FROM weir_extras WHERE stream NOT IN (SELECT stream FROM weir_streams);"
                 "DELETE FROM weir_keys WHERE stream NOT IN (SELECT stream FROM weir_streams)"},
    Rule{.name = "delayed",
         .find =
             "SELECT name, NULL, 'it says that ' || ifnull(delayed, 'none') || ' messages are delayed, the last of "
             "them number ' || ifnull(delays, 0) || ', and has ' || there || ', the last number ' || last FROM "
             "(SELECT s.name, x.delayed, x.delays, d.there, d.last FROM weir_streams s JOIN "
             "(SELECT stream, count(*) AS there, max(seq) AS last FROM weir_delayed GROUP BY stream) d USING (stream) "
             "LEFT JOIN weir_extras x USING (stream) "
             "UNION ALL SELECT s.name, x.delayed, x.delays, 0, 0 FROM weir_streams s JOIN weir_extras x USING (stream) "
             "WHERE NOT EXISTS (SELECT 1 FROM weir_delayed d WHERE d.stream = s.stream)) "
             "WHERE ifnull(delayed, 0) <> there OR ifnull(delays, 0) < last",
         .mend =
             "INSERT INTO weir_extras(stream) SELECT DISTINCT stream FROM weir_delayed WHERE true ON CONFLICT DO "
             "NOTHING;"
             "UPDATE weir_extras AS x SET delayed = (SELECT count(*) FROM weir_delayed d WHERE d.stream = x.stream), "
             "delays = max(delays, ifnull((SELECT max(seq) FROM weir_delayed d WHERE d.stream = x.stream), 0));"
             "UPDATE weir_streams SET flags = flags | 1 WHERE stream IN (SELECT stream FROM weir_extras)"},
    Rule{
        .name = "due",
        .find =
            "SELECT name, NULL, 'its first delayed message is due at ' || ifnull(first, 'no time') || ', and it says ' "
            "|| ifnull(due_ms, 'at none') FROM (SELECT name, due_ms, (SELECT min(due_ms) FROM weir_delayed d "
            "WHERE d.stream = s.stream) AS first FROM weir_streams s) WHERE due_ms IS NOT first",
        .mend =
            "UPDATE weir_streams AS s SET due_ms = (SELECT min(due_ms) FROM weir_delayed d WHERE d.stream = s.stream)"},
    Rule{.name = "delayed-fields",
         .find = "SELECT s.name, NULL, 'the fields of @' || d.due_ms || '-' || d.seq || ' are not what weir writes' "
                 "FROM weir_delayed d LEFT JOIN weir_streams s USING (stream) "
                 "WHERE " WRONG_FIELDS},
    Rule{.name = "group",
         .find = "SELECT NULL, g.name, 'a group of a stream that is not there, number ' || g.stream FROM " GROUPS
                 " WHERE s.stream IS NULL",
         .mend = "DELETE FROM weir_groups WHERE stream NOT IN (SELECT stream FROM weir_streams)"},
    Rule{
        .name = "group-number",
        .find =
            "SELECT s.name, g.name, 'the number of the next group would be one that is taken, ' || g.grp FROM " GROUPS
            " WHERE g.grp > ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'weir_groups'), 0)",
        .mend =
            "INSERT INTO sqlite_sequence(name, seq) SELECT 'weir_groups', 0 WHERE NOT EXISTS "
            "(SELECT 1 FROM sqlite_sequence WHERE name = 'weir_groups');"
            "UPDATE sqlite_sequence SET seq = max(seq, (SELECT max(grp) FROM weir_groups)) WHERE name = 'weir_groups'"},
    Rule{.name = "undelivered",
         .find = "SELECT s.name, g.name, 'it would never be given what stands before position ' || (g.next - (s.stream "
                 "<< 42)) "
                 "|| ' and comes after ' || " ID_OF(
                     "g.last_ms", "g.last_seq") " FROM " GROUPS
                                                " WHERE g.next > s.tail OR g.next < s.stream << 42 OR " UNDELIVERED
                                                " IS NOT NULL",
         // It is always true that no entry before the stream's first position is still to be delivered.
         .mend = "UPDATE weir_groups AS g SET next = stream << 42 WHERE next < stream << 42 "
                 "OR next > (SELECT tail FROM weir_streams s WHERE s.stream = g.stream) OR " UNDELIVERED " IS NOT NULL",
         .needs_order = true},
    Rule{.name = "consumer",
         .find = "SELECT NULL, NULL, 'a consumer of a group that is not there, number ' || grp FROM weir_consumers "
                 "WHERE grp NOT IN (SELECT grp FROM weir_groups)",
         .mend = "DELETE FROM weir_consumers WHERE grp NOT IN (SELECT grp FROM weir_groups)"},
    Rule{.name = "pending",
         .find = "SELECT NULL, NULL, " ID_OF("ms",
                                             "seq") " || ' is pending in a group that is not there, number ' || grp "
                                                    "FROM weir_pending WHERE grp NOT IN (SELECT grp FROM weir_groups)",
         .mend = "DELETE FROM weir_pending WHERE grp NOT IN (SELECT grp FROM weir_groups)"},
    Rule{.name = "holder",
         .find = "SELECT s.name, g.name, " ID_OF(
             "p.ms", "p.seq") " || ' is held by a consumer that the group does not have, "
                              "number ' || p.consumer FROM " PENDING " WHERE p.consumer IS NOT NULL AND NOT EXISTS "
                              "(SELECT 1 FROM weir_consumers c WHERE c.consumer = p.consumer AND c.grp = p.grp)",
         // The entry is given back: the next consumer gets it.
         .mend =
             "UPDATE weir_pending AS p SET consumer = NULL, due_ms = 0, turn = 0 WHERE consumer IS NOT NULL AND NOT "
             "EXISTS (SELECT 1 FROM weir_consumers c WHERE c.consumer = p.consumer AND c.grp = p.grp)"},
    Rule{.name = "waiting",
         .find = "SELECT s.name, g.name, " ID_OF(
             "p.ms", "p.seq") " || ' is held by nobody, and due at no time' FROM " PENDING
                              " WHERE p.consumer IS NULL AND (p.due_ms IS NULL OR p.turn IS NULL)",
         .mend = "UPDATE weir_pending SET due_ms = ifnull(due_ms, 0), turn = ifnull(turn, 0) "
                 "WHERE consumer IS NULL AND (due_ms IS NULL OR turn IS NULL)"},
    Rule{.name = "deliveries",
         .find = "SELECT s.name, g.name, " ID_OF(
             "p.ms", "p.seq") " || ' was delivered ' || p.deliveries || ' times' FROM " PENDING
                              " WHERE p.deliveries < 0",
         .mend = "UPDATE weir_pending SET deliveries = 0 WHERE deliveries < 0"},
    Rule{.name = "place", .look = look_at_places, .repair = mend_places, .needs_order = true},
    Rule{.name = "held",
         .find = "SELECT s.name, g.name, 'a consumer says that it holds ' || c.pending || ' messages, and holds ' || "
                 "c.there "
                 "FROM (SELECT *, (SELECT count(*) FROM weir_pending p WHERE p.consumer = c.consumer) AS there "
                 "FROM weir_consumers c) c LEFT JOIN weir_groups g USING (grp) LEFT JOIN weir_streams s USING (stream) "
                 "WHERE c.pending <> c.there",
         .mend = "UPDATE weir_consumers AS c SET pending = (SELECT count(*) FROM weir_pending p WHERE p.consumer = "
                 "c.consumer)"},
    Rule{.name = "released",
         .find = "SELECT s.name, g.name, 'it says that nobody holds ' || g.released || ' of its messages, and that is "
                 "true of "
                 "' || g.there FROM (SELECT *, (SELECT count(*) FROM weir_pending p WHERE p.grp = g.grp AND p.consumer "
                 "IS NULL)"
                 " AS there FROM weir_groups g) g LEFT JOIN weir_streams s USING (stream) WHERE g.released <> g.there",
         .mend = "UPDATE weir_groups AS g SET released = "
                 "(SELECT count(*) FROM weir_pending p WHERE p.grp = g.grp AND p.consumer IS NULL)"},
    Rule{.name = "turns",
         .find =
             "SELECT s.name, g.name, 'its last turn is ' || g.releases || ', and it has given turn ' || g.last FROM "
             "(SELECT *, (SELECT max(turn) FROM weir_pending p WHERE p.grp = g.grp) AS last FROM weir_groups g) g "
             "LEFT JOIN weir_streams s USING (stream) WHERE g.releases < g.last",
         .mend = "UPDATE weir_groups AS g SET releases = "
                 "max(releases, ifnull((SELECT max(turn) FROM weir_pending p WHERE p.grp = g.grp), 0))"},
    Rule{.name = "serial",
         .find = "SELECT s.name, g.name, " ID_OF(
             "v.ms",
             "v.seq") " || ' is done, and holds up those of its value' FROM "
                      "weir_serial v LEFT JOIN weir_groups g USING (grp) LEFT JOIN weir_streams s USING (stream) "
                      "WHERE (v.ms, v.seq) > (0, 0) AND NOT EXISTS (SELECT 1 FROM weir_pending p "
                      "WHERE p.grp = v.grp AND p.ms = v.ms AND p.seq = v.seq) OR g.grp IS NULL",
         .mend = "DELETE FROM weir_serial AS v WHERE (ms, seq) > (0, 0) AND NOT EXISTS (SELECT 1 FROM weir_pending p "
                 "WHERE p.grp = v.grp AND p.ms = v.ms AND p.seq = v.seq) OR grp NOT IN (SELECT grp FROM weir_groups)"},
    Rule{.name = "in-turn",
         .find = "SELECT s.name, g.name, " ID_OF(
             "p.ms", "p.seq") " || ' waits for one before it, and there is none' FROM " PENDING " WHERE " OUT_OF_TURN,
         // The next consumer that takes messages by a field rebuilds the order for the whole group.
         .mend = "CREATE TEMP TABLE weir_disordered AS SELECT DISTINCT grp FROM weir_pending p WHERE " OUT_OF_TURN ";"
                 "UPDATE weir_pending SET due_ms = 0 WHERE consumer IS NULL AND due_ms = " NEVER
                 " AND grp IN (SELECT grp FROM weir_disordered);"
                 "DELETE FROM weir_serial WHERE grp IN (SELECT grp FROM weir_disordered);"
                 "DROP TABLE weir_disordered"},
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

}  // namespace weir::sqlite
