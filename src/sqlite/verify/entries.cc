// Checks entries against their positions and their streams.
#include <fmt/format.h>

#include <set>

#include "sqlite/tables/rows.h"
#include "sqlite/verify/rules.h"

namespace weir::sqlite {
namespace {

constexpr const char* kAll =
    "SELECT n, ms, seq, name FROM weir_entries LEFT JOIN weir_streams ON stream = n >> 42 ORDER BY n";
/// The numbers of missing streams that still have entries or delayed messages, found without reading all of them.
constexpr const char* kOwnerless =
    "WITH RECURSIVE of_entries(stream) AS (SELECT min(n) >> 42 FROM weir_entries UNION ALL "
    "SELECT (SELECT min(n) >> 42 FROM weir_entries WHERE n >= (stream + 1) << 42) FROM of_entries "
    "WHERE stream IS NOT NULL AND stream < 2097151) "
    "SELECT stream, 'entries' FROM of_entries WHERE stream IS NOT NULL AND "
    "stream NOT IN (SELECT stream FROM weir_streams) "
    "UNION ALL SELECT DISTINCT stream, 'delayed messages' FROM weir_delayed "
    "WHERE stream NOT IN (SELECT stream FROM weir_streams)";
constexpr const char* kMakeOwner = "INSERT INTO weir_streams(stream, name, tail) VALUES (?1, ?2, ?1 << 42)";
/// Gives the entries of each stream the same positions in the order of their IDs. It first uses negative positions, so
/// that no position is taken twice.
constexpr const char* kInOrder =
    "CREATE TEMP TABLE weir_in_order AS SELECT o.n AS old, p.n AS new FROM "
    "(SELECT n, row_number() OVER (PARTITION BY n >> 42 ORDER BY ms, seq) AS r FROM weir_entries) o JOIN "
    "(SELECT n, row_number() OVER (PARTITION BY n >> 42 ORDER BY n) AS r FROM weir_entries) p "
    "ON o.r = p.r AND o.n >> 42 = p.n >> 42 WHERE o.n <> p.n;"
    "UPDATE weir_entries SET n = -1 - (SELECT new FROM weir_in_order WHERE old = n) "
    "WHERE n IN (SELECT old FROM weir_in_order);"
    "UPDATE weir_entries SET n = -1 - n WHERE n < 0 AND -1 - n IN (SELECT new FROM weir_in_order);"
    "DROP TABLE weir_in_order";

}  // namespace

void look_at_entries(Database& db, Findings& findings) {
  Query query = db.query(kAll);
  std::int64_t stream = 0;
  Id before;
  while (query.next()) {
    const std::int64_t n = query.integer(0);
    const Id id = query.id(1);
    const bool is_first = n >> kPositionBits != stream;
    stream = n >> kPositionBits;
    if (!is_first && id <= before) {
      findings.begin("order", id != before);
      findings.add(query.is_null(3) ? std::nullopt : std::optional(std::string(query.bytes(3))), std::nullopt,
                   id == before ? fmt::format("there are two entries {}", to_string(id))
                                : fmt::format("{} stands after {}", to_string(id), to_string(before)));
    }
    before = is_first ? id : std::max(before, id);
  }
}

void put_entries_in_order(Database& db) {
  db.execute(kInOrder);
}

void look_for_ownerless(Database& db, Findings& findings) {
  Query query = db.query(kOwnerless);
  while (query.next()) {
    findings.add(
        std::nullopt, std::nullopt,
        fmt::format("there are {} of a stream that is not there, number {}", query.bytes(1), query.integer(0)));
  }
}

void give_them_a_stream(Database& db) {
  std::set<std::int64_t> numbers;  // a stream may have left entries and delayed messages
  {
    Query query = db.query(kOwnerless);
    while (query.next()) {
      numbers.insert(query.integer(0));
    }
  }
  for (const std::int64_t number : numbers) {
    if (number < 1 || number > kMaxStreams) {
      continue;
    }
    std::string name = fmt::format("weir.found.{}", number);
    while (find_stream(db, name)) {
      name += '+';
    }
    db.query(kMakeOwner).bind(number).bind_name(name).run();
  }
}

}  // namespace weir::sqlite
