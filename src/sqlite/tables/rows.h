// Rows of streams, groups, consumers and entries: how they are found, and how they are saved.
//
// Positions. An entry's rowid is `n` = stream number * 2^42 + how many were added to the stream before it. IDs in
// a stream only grow, so `n` grows with them, and an ID is found by bisection over `n`. An index on the ID, or a
// table without rowid, would make every append 1.5 to 2 times as expensive. Limits: 2^21 streams at a time,
// 2^42 entries added to one stream.
//
// Here and in all of tables/: failures are kept by the database (see Database), and what is found after one means
// nothing. Whatever saves, makes or adds requires a write transaction; whatever finds, any transaction, where its
// answers have to be of one moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sqlite/database/database.h"
#include "sqlite/tables/lag.h"
#include "stream/id.h"
#include "stream/reply.h"

namespace weir::sqlite {

inline constexpr int kPositionBits = 42;
/// One less than 21 bits hold: the end of that one's positions would be no number of 63 bits.
inline constexpr std::int64_t kMaxStreams = (std::int64_t{1} << 21) - 2;

/// In which other tables a stream has rows: what stands in `flags` is the sum. Whoever makes the first row there sets
/// it, and no statement asks a table of it where it is not set.
enum StreamFlag : std::int64_t {
  kHasExtras = 1,   ///< weir_extras
  kHasDelayed = 2,  ///< weir_delayed
  kHasKeys = 4,     ///< weir_keys
  kHasSerial = 8,   ///< weir_serial, for a group of it
  kHasPolicy = 32,  ///< weir_extras, with a policy of `keep`
  kHasTurns = 16,   ///< none, but turns for what is held: a group of it was read with CLAIM
};

/// A row of weir_streams, and what of it its entries tell: see database/uncounted.h.
struct StreamRow {
  std::int64_t number = 0;
  std::int64_t length = 0;
  std::int64_t added = 0;
  Id last;
  Id max_deleted;
  std::int64_t tail = 0;  ///< the position of the next entry
  bool renamed = false;   ///< RENAME gave it its name
  std::int64_t flags = 0;
  std::optional<UnixMs> due;  ///< of the first of its delayed messages

  bool has(StreamFlag flag) const { return (flags & flag) != 0; }
  std::int64_t begin() const { return number << kPositionBits; }
  std::int64_t end() const { return (number + 1) << kPositionBits; }  ///< no entry is at or after it
  /// Counts `count` entries that have come to its end.
  void appended(Id last_id, std::int64_t count = 1);
};

inline constexpr UnixMs kNeverResumed = UnixMs::max();

/// A row of weir_groups.
struct GroupRow {
  std::int64_t number = 0;
  std::int64_t stream = 0;
  Id last;                ///< last delivered
  std::int64_t next = 0;  ///< no entry before this position is still to be delivered
  std::optional<std::int64_t> entries_read;
  std::optional<UnixMs> paused_until = {};  ///< kNeverResumed: it has no end of its own

  bool is_paused(UnixMs now) const { return paused_until && *paused_until > now; }
};

struct StreamAndGroup {
  StreamRow stream;
  GroupRow group;
};

/// A row of weir_consumers.
struct ConsumerRow {
  std::int64_t number = 0;
  std::int64_t pending = 0;
};

/// A row of weir_entries.
struct EntryRow {
  std::int64_t n = 0;
  Id id;
};

/// A stream that is found is sound: see damage.h. What of its delayed messages is due is appended first, in a write
/// transaction. In any other the row is the older one, and the database is told so (Database::note_stale).
std::optional<StreamRow> find_stream(Database& db, std::string_view name);
/// The stream that was saved last. Who appends again finds it without reading it, if nothing has changed since.
/// Requires: transactions to write, and one database.
class LastStream {
 public:
  /// As find_stream, of any stream.
  std::optional<StreamRow> find(Database& db, std::string_view name) const;
  /// It has been saved so, now.
  void note(const Database& db, std::string_view name, const StreamRow& row);

 private:
  std::string name_;
  StreamRow row_;
  Database::Version version_;
};
/// Fails with Redis's "no such key" if there is none.
Result<StreamRow> existing_stream(Database& db, std::string_view name);
/// Requires: there is none of this name.
StreamRow make_stream(Database& db, std::string_view name);
void save_stream(Database& db, const StreamRow& stream);
/// The same after entries were appended and nothing else was done: then it need not be written (see
/// database/uncounted.h), and is not. `before`: the row as it was found.
void save_appended(Database& db, const StreamRow& before, const StreamRow& stream);
/// `flags`: a sum of StreamFlag.
void add_flags(Database& db, StreamRow& stream, std::int64_t flags);
/// What lag is reckoned from.
StreamShape shape_of(Database& db, const StreamRow& stream);

std::optional<GroupRow> find_group(Database& db, const StreamRow& stream, std::string_view name);
/// Nothing if there is no such stream, or no such group of it.
std::optional<StreamAndGroup> find_stream_and_group(Database& db, std::string_view stream, std::string_view group);
/// Fails in the words of XPENDING, XCLAIM, XAUTOCLAIM and XNACK if there is not.
Result<StreamAndGroup> existing_stream_and_group(Database& db, const std::string& stream, const std::string& group);
void save_group(Database& db, const GroupRow& group);

std::optional<ConsumerRow> find_consumer(Database& db, const GroupRow& group, std::string_view name);
/// Makes the consumer if there is none, and notes that it was here.
ConsumerRow seen_consumer(Database& db, const GroupRow& group, std::string_view name, UnixMs now);
/// Notes that it was given something.
void consumer_active(Database& db, const ConsumerRow& consumer, UnixMs now);

/// The entry at a position, or the next one after it.
std::optional<EntryRow> entry_at_or_after(Database& db, const StreamRow& stream, std::int64_t n);
std::optional<EntryRow> first_entry(Database& db, const StreamRow& stream);
/// Positions from which on no ID is smaller than `id`, or (upper_bound) all are greater. Between two entries any
/// position will do: it is one of those.
std::int64_t lower_bound(Database& db, const StreamRow& stream, Id id);
std::int64_t upper_bound(Database& db, const StreamRow& stream, Id id);
/// Of the entry with this ID; nothing if there is none.
std::optional<std::int64_t> position_of(Database& db, const StreamRow& stream, Id id);
/// Nothing if another entry is at this position, or none.
std::optional<std::string> fields_at(Database& db, std::int64_t n, Id id);

/// The first entry that the group is still to be given.
std::optional<EntryRow> next_undelivered(Database& db, const StreamAndGroup& at);

}  // namespace weir::sqlite
