// Rows of weir_pending: what a group was given and has not acknowledged.
//
// A row with a consumer is held by it, since its delivery. One without (released by XNACK) waits for its next delivery:
// it has the time when it was released, the time when it is due (0: at once), and a turn, which is the order of those
// that are due at the same time. All this is on the clock of the wall: where that is set back, a time that is still to
// come counts as now, and a wait that was counted from it is counted from now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/tables/rows.h"
#include "stream/reply.h"
#include "stream/request.h"

namespace weir::sqlite {

/// The position of what is pending when XSETID has gone back past its ID, whose entry is gone: should the ID come
/// again, the new entry is looked for by its ID. So an append need not look for those who hold an ID that comes again.
inline constexpr std::int64_t kUnplaced = 0;

/// What XREADGROUP CLAIM needs to find the longest idle, and those of the same time in the order in which it was set.
/// It makes each delivery and each acknowledgement dearer (by a third and a sixth), so a file does not have it before
/// the first such command makes it.
inline constexpr const char* kClaimIndex =
    "CREATE INDEX IF NOT EXISTS weir_pending_by_time ON weir_pending(grp, delivered_ms, turn) "
    "WHERE consumer IS NOT NULL";

struct PendingRow {
  Id id;
  std::int64_t n = 0;
  std::optional<std::int64_t> consumer;  ///< nothing: it was released
  UnixMs delivered{0};                   ///< or released, then
  std::int64_t deliveries = 0;
  std::optional<UnixMs> due;  ///< of one that was released
};

std::optional<PendingRow> find_pending(Database& db, const GroupRow& group, Id id);
/// Those from `start` on, in the order of their IDs.
std::vector<PendingRow> pending_from(Database& db, const GroupRow& group, Id start, std::uint64_t count);
/// Fields of the entry that is pending at position `n`; nothing if it is gone.
std::optional<std::string> pending_fields(Database& db, const StreamRow& stream, std::int64_t n, Id id);
/// Keeps count of what a consumer holds; without one, of what nobody in the group holds.
void add_pending(Database& db, std::int64_t group, std::optional<std::int64_t> consumer, std::int64_t difference);
/// How long it has been held. A delivery in the future is set to now. Requires: a write transaction.
Millis idle_since(Database& db, const GroupRow& group, Id id, UnixMs delivered, UnixMs now);

/// What is to be told of an entry that nobody holds: released at `since`, due at `due` (0: at once).
Released wait_of(UnixMs since, UnixMs due, UnixMs now);
std::uint64_t released_count(Database& db, const GroupRow& group);
/// The first that are due, in the order in which they will be given.
PendingEntries released_entries(Database& db, const GroupRow& group, std::uint64_t count);
/// Whether something was released in the future.
bool waits_from_the_future(Database& db, const GroupRow& group, UnixMs now);
/// Counts their waits from now. Requires: a write transaction.
void mend_due_times(Database& db, const GroupRow& group, UnixMs now);

}  // namespace weir::sqlite
