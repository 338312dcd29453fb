// Rows of weir_pending: entries that a group was given and has not acknowledged.
//
// A row with a consumer is held by that consumer, since its delivery. A row without one (released by XNACK) waits for
// its next delivery: it has the time when it was released, the time when it is due (0: at once), and a turn, which
// orders rows that are due at the same time. In a stream that is read with CLAIM, held rows have a turn too: it orders
// rows with equal times of delivery, if that order is not the order of the IDs. All times are on the wall clock. If the
// clock is set back, a time in the future counts as now, and a wait that was counted from it is counted from now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/tables/read_room.h"
#include "sqlite/tables/rows.h"
#include "stream/reply.h"
#include "stream/request.h"

namespace weir::sqlite {

/// The position of a pending row whose entry is gone, once XSETID has gone back past its ID. If the ID is used again,
/// the row finds the new entry by its ID. So an append need not look for pending rows of an ID that is used again.
inline constexpr std::int64_t kUnplaced = 0;

/// The index by which XREADGROUP CLAIM finds the longest idle rows, and rows of the same time in the order in which it
/// was set. The index makes each delivery and each acknowledgement dearer (by a third and a sixth), so a file has none
/// until the first such command makes it.
inline constexpr const char* kClaimIndex =
    "CREATE INDEX IF NOT EXISTS weir_pending_by_time ON weir_pending(grp, delivered_ms, turn) "
    "WHERE consumer IS NOT NULL";

struct PendingRow {
  Id id;
  std::int64_t n = 0;
  std::optional<std::int64_t> consumer;  ///< nothing: the row was released
  UnixMs delivered{0};                   ///< the time of delivery, or of the release
  std::int64_t deliveries = 0;
  std::optional<UnixMs> due;  ///< of a released row
};

/// Gives turns to rows that are delivered or given back. Call `save` after the last, in the same write transaction.
class Turns {
 public:
  /// `always`: also in a stream that is not read with CLAIM, where held rows have no turns.
  Turns(Database& db, const StreamAndGroup& at, bool always = false);
  std::optional<std::int64_t> next();
  bool counts() const { return last_.has_value(); }  ///< whether `next` gives turns
  void save();

 private:
  Database& db_;
  std::int64_t group_;
  std::optional<std::int64_t> last_;
  bool changed_ = false;
};

/// The row from a statement that gives ms, seq, n, consumer, delivered_ms, deliveries and due_ms.
PendingRow pending_row(const Query& query);
std::optional<PendingRow> find_pending(Database& db, const GroupRow& group, Id id);
/// The rows from `start` on, in the order of their IDs.
std::vector<PendingRow> pending_from(Database& db, const GroupRow& group, Id start, std::uint64_t count);
/// The fields of the entry that is pending at position `n`; nothing if the entry is gone.
std::optional<std::string> pending_fields(Database& db, const StreamRow& stream, std::int64_t n, Id id);
/// Changes the count of rows that a consumer holds; without a consumer, of rows that nobody in the group holds.
void add_pending(Database& db, std::int64_t group, std::optional<std::int64_t> consumer, std::int64_t difference);
/// Ends the pending of an entry: removes the row, counts it off, and lets the message run that waited for it. Requires:
/// the row is there.
void remove_pending(Database& db, const StreamRow& stream, std::int64_t group, std::optional<std::int64_t> consumer,
                    Id id);
/// Makes the consumer hold an entry that it is given for the first time; returns how many more entries it holds now. An
/// entry that is pending already, since the group was set back, changes hands.
std::int64_t hold_entry(Database& db, const GroupRow& group, const EntryRow& entry, const ConsumerRow& consumer,
                        UnixMs now, std::optional<std::int64_t> turn);
/// Saves the row's consumer, time and count, with a new turn, and the counts of both consumers.
void save_claim(Database& db, const GroupRow& group, const PendingRow& before, const PendingRow& after, Turns& turns);
/// Whether the row's entry exists.
bool is_there(Database& db, const StreamRow& stream, const PendingRow& row);
/// One delivery more, but at most the highest number.
std::int64_t one_more(std::int64_t deliveries);
/// How long the row has been held. A delivery in the future is set to now. Requires: a write transaction.
Millis idle_since(Database& db, const GroupRow& group, Id id, UnixMs delivered, UnixMs now);

/// The report of an entry that nobody holds: released at `since`, due at `due` (0: at once).
Released wait_of(UnixMs since, UnixMs due, UnixMs now);
std::uint64_t held_count(Database& db, const GroupRow& group);
std::uint64_t released_count(Database& db, const GroupRow& group);
/// The first released entries, in the order in which they will be given.
PendingEntries released_entries(Database& db, const GroupRow& group, std::uint64_t count, ReadRoom& room);
/// Whether a row was released in the future, by a clock that has since been set back.
bool waits_from_the_future(Database& db, const GroupRow& group, UnixMs now);
/// Whether a row was delivered or released in the future.
bool is_held_from_the_future(Database& db, const GroupRow& group, UnixMs now);
/// Counts the waits of rows released in the future from now. Requires: a write transaction.
void mend_due_times(Database& db, const GroupRow& group, UnixMs now);

/// XREADGROUP CLAIM: gives the consumer due rows that nobody holds, then rows held for `min_idle`, the longest first,
/// as far as there is room. Rows without an entry are passed over, and stay. Requires: a write transaction.
void claim_pending(Database& db, StreamAndGroup& at, const ConsumerRow& consumer, Millis min_idle,
                   std::optional<std::uint64_t> count, UnixMs now, ReadRoom& room, std::vector<Entry>& out);
/// The row that `claim_pending` would give first, and the time from which it may.
struct Claimable {
  UnixMs at;
  PendingRow row;
};
std::optional<Claimable> next_claimable(Database& db, const StreamAndGroup& at, Millis min_idle, UnixMs now);

}  // namespace weir::sqlite
