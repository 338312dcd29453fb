// Checks pending rows against the entries at their positions.
#include <fmt/format.h>

#include <vector>

#include "sqlite/tables/pending.h"
#include "sqlite/verify/rules.h"

namespace weir::sqlite {
namespace {

/// Pending rows at whose position there is another entry, or none. A deleted entry also leaves such rows behind.
constexpr const char* kElsewhere =
    "SELECT p.grp, p.ms, p.seq, p.n, s.stream, s.tail, s.length, s.last_ms, s.last_seq, s.name, g.name, e.n IS NOT "
    "NULL "
    "FROM weir_pending p JOIN weir_groups g USING (grp) JOIN weir_streams s USING (stream) "
    "LEFT JOIN weir_entries e ON e.n = p.n "
    "WHERE p.n <> 0 AND (e.n IS NULL OR (e.ms, e.seq) <> (p.ms, p.seq))";
constexpr const char* kPlace = "UPDATE weir_pending SET n = ? WHERE grp = ? AND ms = ? AND seq = ?";

struct Misplaced {
  std::int64_t group;
  Id id;
  std::int64_t place;  ///< the right position; kUnplaced: its entry is gone
  std::string stream;
  std::string group_name;
};

std::vector<Misplaced> misplaced(Database& db) {
  std::vector<Misplaced> found;
  Query query = db.query(kElsewhere);
  while (query.next()) {
    StreamRow stream;
    stream.number = query.integer(4);
    stream.tail = query.integer(5);
    stream.length = query.integer(6);
    stream.last = query.id(7);
    const Id id = query.id(1);
    const std::int64_t n = query.integer(3);
    const auto place = position_of(db, stream, id);
    const bool is_taken = query.integer(11) != 0 || n >= stream.tail || n < stream.begin();
    if (place || is_taken) {
      found.push_back(
          {query.integer(0), id, place.value_or(kUnplaced), std::string(query.bytes(9)), std::string(query.bytes(10))});
    }
  }
  return found;
}

}  // namespace

void look_at_places(Database& db, Findings& findings) {
  // Finding an entry by its ID relies on these rules, too.
  for (const char* before : {"ownerless", "length", "tail", "last-id"}) {
    if (findings.count(before) > 0) {
      return;
    }
  }
  for (const Misplaced& row : misplaced(db)) {
    findings.add(row.stream, row.group_name,
                 row.place == kUnplaced
                     ? fmt::format("{} is pending with the position of another entry", to_string(row.id))
                     : fmt::format("{} is pending, and stands at another position than is said", to_string(row.id)));
  }
}

void mend_places(Database& db) {
  for (const Misplaced& row : misplaced(db)) {
    db.query(kPlace).bind(row.place).bind(row.group).bind(row.id).run();
  }
}

}  // namespace weir::sqlite
