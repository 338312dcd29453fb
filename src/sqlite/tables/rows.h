// Finds and saves rows of streams, groups, consumers and entries.
//
// Positions. An entry's rowid is `n` = stream number * 2^42 + how many were added to the stream before it. IDs in
// a stream only grow, so `n` grows with them, and an ID is found by bisection over `n`. An index on the ID, or a
// table without rowid, would make every append 1.5 to 2 times as expensive. Limits: 2^21 streams at a time,
// 2^42 entries added to one stream.
//
// Here and in all of tables/: the database keeps failures (see Database), and results after a failure mean nothing.
// Functions that save, make or add require a write transaction. Functions that find require a transaction only if their
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
/// One less than 21 bits can hold, since the last number's end position would not fit into 63 bits.
inline constexpr std::int64_t kMaxStreams = (std::int64_t{1} << 21) - 2;

/// In which other tables a stream has rows; `flags` is the sum of these. Code that makes the first row in a table sets
/// the flag. Without the flag, no statement asks that table about the stream.
enum StreamFlag : std::int64_t {
  kHasExtras = 1,   ///< weir_extras
  kHasDelayed = 2,  ///< weir_delayed
  kHasKeys = 4,     ///< weir_keys
  kHasSerial = 8,   ///< weir_serial, for one of its groups
  kHasPolicy = 32,  ///< weir_extras, with a policy of `keep`
  kHasTurns = 16,   ///< no table: held rows have turns, since a group was read with CLAIM
};

/// A row of weir_streams, brought up to date from its entries: see database/uncounted.h.
struct StreamRow {
  std::int64_t number = 0;
  std::int64_t length = 0;
  std::int64_t added = 0;
  Id last;
  Id max_deleted;
  std::int64_t tail = 0;  ///< the position of the next entry
  bool renamed = false;   ///< the stream has its name by RENAME
  std::int64_t flags = 0;
  std::optional<UnixMs> due;  ///< when its first delayed message is due

  bool has(StreamFlag flag) const { return (flags & flag) != 0; }
  std::int64_t begin() const { return number << kPositionBits; }
  std::int64_t end() const { return (number + 1) << kPositionBits; }  ///< every entry lies before this position
  /// Counts `count` entries that were appended to the stream.
  void appended(Id last_id, std::int64_t count = 1);
};

inline constexpr UnixMs kNeverResumed = UnixMs::max();

/// A row of weir_groups.
struct GroupRow {
  std::int64_t number = 0;
  std::int64_t stream = 0;
  Id last;                ///< last delivered
  std::int64_t next = 0;  ///< no entry before it has still to be delivered
  std::optional<std::int64_t> entries_read;
  std::optional<UnixMs> paused_until = {};  ///< kNeverResumed: the pause ends only by a resume

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

/// A stream that is found is sound: see damage.h. In a write transaction its due messages are appended first. In any
/// other transaction the row is the older one, and Database::note_stale notes that.
std::optional<StreamRow> find_stream(Database& db, std::string_view name);
/// The stream that was saved last. The next append finds it without reading it, if nothing has changed since. Requires:
/// write transactions of one database.
class LastStream {
 public:
  /// As find_stream, of any stream.
  std::optional<StreamRow> find(Database& db, std::string_view name) const;
  /// Notes that the stream was just saved with this row.
  void note(const Database& db, std::string_view name, const StreamRow& row);

 private:
  std::string name_;
  StreamRow row_;
  Database::Version version_;
};
/// Fails with Redis's "no such key" if there is none.
Result<StreamRow> existing_stream(Database& db, std::string_view name);
/// Requires: there is no stream of this name.
StreamRow make_stream(Database& db, std::string_view name);
void save_stream(Database& db, const StreamRow& stream);
/// As save_stream, after entries were appended and nothing else was changed: then the row is not written, since it need
/// not be (see database/uncounted.h). `before`: the row as it was found.
void save_appended(Database& db, const StreamRow& before, const StreamRow& stream);
/// `flags`: a sum of StreamFlag.
void add_flags(Database& db, StreamRow& stream, std::int64_t flags);
/// The figures from which lag is computed.
StreamShape shape_of(Database& db, const StreamRow& stream);

std::optional<GroupRow> find_group(Database& db, const StreamRow& stream, std::string_view name);
/// Nothing if there is no such stream, or no such group of it.
std::optional<StreamAndGroup> find_stream_and_group(Database& db, std::string_view stream, std::string_view group);
/// Fails, in the words of XPENDING, XCLAIM, XAUTOCLAIM and XNACK, if the stream or the group does not exist.
Result<StreamAndGroup> existing_stream_and_group(Database& db, const std::string& stream, const std::string& group);
void save_group(Database& db, const GroupRow& group);

std::optional<ConsumerRow> find_consumer(Database& db, const GroupRow& group, std::string_view name);
/// Finds or makes the consumer, and notes that it was seen.
ConsumerRow seen_consumer(Database& db, const GroupRow& group, std::string_view name, UnixMs now);
/// Notes that the consumer was given something.
void consumer_active(Database& db, const ConsumerRow& consumer, UnixMs now);

/// The entry at a position, or the next one after it.
std::optional<EntryRow> entry_at_or_after(Database& db, const StreamRow& stream, std::int64_t n);
std::optional<EntryRow> first_entry(Database& db, const StreamRow& stream);
/// A position from which on no ID is smaller than `id`, or (upper_bound) all IDs are greater. If several positions
/// between two entries fit, it may be any of them.
std::int64_t lower_bound(Database& db, const StreamRow& stream, Id id);
std::int64_t upper_bound(Database& db, const StreamRow& stream, Id id);
/// The position of the entry with this ID; nothing if there is none.
std::optional<std::int64_t> position_of(Database& db, const StreamRow& stream, Id id);
/// The fields of the entry at this position; nothing if there is none, or if its ID is not `id`.
std::optional<std::string> fields_at(Database& db, std::int64_t n, Id id);

/// The first entry that the group has still to be given.
std::optional<EntryRow> next_undelivered(Database& db, const StreamAndGroup& at);

}  // namespace weir::sqlite
