// Rows of weir_pending: what a group was given and has not acknowledged.
//
// A row with a consumer is held by it, since its delivery. One without (released by XNACK) waits for its next delivery:
// it has the time when it was released, the time when it is due (0: at once), and a turn, which is the order of those
// that are due at the same time. In a stream that is read with CLAIM what is held has a turn too: the order in which
// equal times of delivery were set, where that is not the order of the IDs. All this is on the clock of the wall: where
// that is set back, a time that is still to come counts as now, and a wait that was counted from it is counted from
// now.
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

/// Turns of what a group is given, or gives back. `save` is due, in the same write transaction, after the last.
class Turns {
 public:
  /// `always`: also in a stream that is not read with CLAIM, where what is held has none.
  Turns(Database& db, const StreamAndGroup& at, bool always = false);
  std::optional<std::int64_t> next();
  bool counts() const { return last_.has_value(); }  ///< whether `next` gives any
  void save();

 private:
  Database& db_;
  std::int64_t group_;
  std::optional<std::int64_t> last_;
  bool changed_ = false;
};

/// Of a statement that gives ms, seq, n, consumer, delivered_ms, deliveries and due_ms.
PendingRow pending_row(const Query& query);
std::optional<PendingRow> find_pending(Database& db, const GroupRow& group, Id id);
/// Those from `start` on, in the order of their IDs.
std::vector<PendingRow> pending_from(Database& db, const GroupRow& group, Id start, std::uint64_t count);
/// Fields of the entry that is pending at position `n`; nothing if it is gone.
std::optional<std::string> pending_fields(Database& db, const StreamRow& stream, std::int64_t n, Id id);
/// Keeps count of what a consumer holds; without one, of what nobody in the group holds.
void add_pending(Database& db, std::int64_t group, std::optional<std::int64_t> consumer, std::int64_t difference);
/// It is pending no more: the row goes, the count, and what waited for it may run. Requires: the row is there.
void remove_pending(Database& db, const StreamRow& stream, std::int64_t group, std::optional<std::int64_t> consumer,
                    Id id);
/// The consumer holds an entry that it is given for the first time; how many more it holds for that. One that is
/// pending already, since the group was set back, changes hands.
std::int64_t hold_entry(Database& db, const GroupRow& group, const EntryRow& entry, const ConsumerRow& consumer,
                        UnixMs now, std::optional<std::int64_t> turn);
/// Its consumer, its time and its count, with a new turn; and what its consumers hold.
void save_claim(Database& db, const GroupRow& group, const PendingRow& before, const PendingRow& after, Turns& turns);
/// Whether its entry is there.
bool is_there(Database& db, const StreamRow& stream, const PendingRow& row);
/// One delivery more, but never past the highest.
std::int64_t one_more(std::int64_t deliveries);
/// How long it has been held. A delivery in the future is set to now. Requires: a write transaction.
Millis idle_since(Database& db, const GroupRow& group, Id id, UnixMs delivered, UnixMs now);

/// What is to be told of an entry that nobody holds: released at `since`, due at `due` (0: at once).
Released wait_of(UnixMs since, UnixMs due, UnixMs now);
std::uint64_t released_count(Database& db, const GroupRow& group);
/// The first that are due, in the order in which they will be given.
PendingEntries released_entries(Database& db, const GroupRow& group, std::uint64_t count, ReadRoom& room);
/// Whether something was released in the future.
bool waits_from_the_future(Database& db, const GroupRow& group, UnixMs now);
/// Whether something was given, or released, in the future.
bool is_held_from_the_future(Database& db, const GroupRow& group, UnixMs now);
/// Counts their waits from now. Requires: a write transaction.
void mend_due_times(Database& db, const GroupRow& group, UnixMs now);

/// XREADGROUP CLAIM: gives the consumer what nobody holds and is due, then what was held for `min_idle`, the longest
/// first, as far as there is room; what has lost its entry is passed over, and stays. Requires: a write transaction.
void claim_pending(Database& db, StreamAndGroup& at, const ConsumerRow& consumer, Millis min_idle,
                   std::optional<std::uint64_t> count, UnixMs now, ReadRoom& room, std::vector<Entry>& out);
/// What `claim_pending` would give first, and from when on.
struct Claimable {
  UnixMs at;
  PendingRow row;
};
std::optional<Claimable> next_claimable(Database& db, const StreamAndGroup& at, Millis min_idle, UnixMs now);

}  // namespace weir::sqlite
