#include "sqlite/tables/stream_numbers.h"

#include <algorithm>

#include "sqlite/tables/rows.h"

namespace weir::sqlite {
namespace {

constexpr const char* kHighest = "SELECT max(stream) FROM weir_streams";
constexpr const char* kNoted =
    "SELECT value FROM weir_meta WHERE key = 'last_stream' AND typeof(value) = 'integer' AND value BETWEEN 1 AND 1 << "
    "62";
constexpr const char* kNote = "INSERT OR REPLACE INTO weir_meta VALUES ('last_stream', ?)";
constexpr const char* kFree =
    "SELECT stream + 1 FROM (SELECT 0 AS stream UNION ALL SELECT stream FROM weir_streams) s WHERE stream < ?1 "
    "AND NOT EXISTS (SELECT 1 FROM weir_streams t WHERE t.stream = s.stream + 1) LIMIT 1";

std::int64_t highest_number(Database& db) {
  Query query = db.query(kHighest);
  return query.next() ? std::clamp<std::int64_t>(query.integer(0), 0, kMaxStreams) : 0;
}

std::int64_t noted(Database& db) {
  Query query = db.query(kNoted);
  return query.next() ? query.integer(0) : 0;
}

}  // namespace

std::optional<std::int64_t> new_stream_number(Database& db) {
  if (const std::int64_t given = std::max(highest_number(db), noted(db)); given < kMaxStreams) {
    return given + 1;
  }
  Query free = db.query(kFree);
  return free.bind(kMaxStreams).next() ? std::optional(free.integer(0)) : std::nullopt;
}

void retire_number(Database& db, std::int64_t number) {
  const std::int64_t before = noted(db);
  const std::int64_t highest = highest_number(db);
  if (std::max(before, highest) >= kMaxStreams) {
    db.query(kNote).bind(std::max(before, kMaxStreams) + 1).run();
  } else if (number == highest && number > before) {
    db.query(kNote).bind(number).run();
  }
}

void retire_all_numbers(Database& db) {
  retire_number(db, highest_number(db));
}

std::optional<std::int64_t> age_of_numbers(Database& db) {
  const std::int64_t age = noted(db);
  return age > kMaxStreams ? std::optional(age) : std::nullopt;
}

}  // namespace weir::sqlite
