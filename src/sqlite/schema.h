// The tables, views and triggers of a weir database, and their versions. weir(5) describes them for users.
//
// Numbers. The two halves of an ID are unsigned 64-bit, SQLite's INTEGER is signed. A half below 2^63 is stored
// as INTEGER, from there on as TEXT of exactly 20 digits; SQLite sorts TEXT after INTEGER, so the order holds.
// (A bias would have kept one type, and made every ID unreadable in any SQLite client.)
//
// Positions. An entry's rowid is `n` = stream number * 2^42 + how many were added to the stream before it. IDs in
// a stream only grow, so `n` grows with them, and an ID is found by bisection over `n`. An index on the ID, or a
// table without rowid, would make every append 1.5 to 2 times as expensive. Limits: 2^21 streams at a time,
// 2^42 entries added to one stream.
#pragma once

#include "sqlite/database.h"
#include "util/result.h"

namespace weir::sqlite {

inline constexpr int kSchemaVersion = 2;
inline constexpr int kPositionBits = 42;
inline constexpr std::int64_t kMaxStreams = (std::int64_t{1} << 21) - 1;

enum class SchemaState {
  current,
  absent,  ///< the file has no weir tables
  old,     ///< to be migrated
};

/// Looks which schema the file has; refuses one that is newer than this program.
Result<SchemaState> schema_state(Database& db);

/// Makes the schema, or migrates it to this version. Requires: a write transaction.
void make_schema(Database& db, SchemaState from);

/// Lets this connection see the tables of an older file as those of this version, for looking only: the file is not
/// changed. Requires: SchemaState::old.
void show_old_schema(Database& db);

}  // namespace weir::sqlite
