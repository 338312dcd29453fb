// What each command does in the tables, inside a transaction of the caller.
//
// Locks, waiting and the disk are the business of file/. A function whose result is a Change writes, and requires a
// write transaction; any other function only looks. A command is refused before it changes anything, so that a refusal
// leaves no trace in a transaction of many requests.
//
// One file for each family of commands: append.cc, ranges.cc, trim.cc, groups.cc, deliver.cc, acknowledge.cc,
// pending.cc, claims.cc, claim_pending.cc, ration.cc, release.cc, references.cc, idempotence.cc, receiving.cc,
// delayed.cc, unique.cc, keep.cc, pauses.cc, info.cc, keys.cc. What they share: rows.h, pending.h, serial.h, damage.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sqlite/database/database.h"
#include "sqlite/tables/bulk_insert.h"
#include "sqlite/tables/damage.h"
#include "sqlite/tables/read_room.h"
#include "sqlite/tables/remove_listed.h"
#include "stream/delaying.h"
#include "stream/keeping.h"
#include "stream/packing.h"
#include "stream/rationing.h"
#include "stream/receiving.h"
#include "stream/remembering.h"
#include "stream/request.h"
#include "stream/result.h"
#include "stream/surveying.h"
#include "stream/unique.h"

namespace weir::sqlite {

/// How the tables were changed.
enum class Worth {
  sync,     ///< the reply is a promise: it goes out when the change is safe
  commit,   ///< the change is promised to nobody, such as when a consumer was last seen
  nothing,  ///< nothing was changed
};

/// The reply of a command that may change the tables.
template <typename T>
struct Change {
  Change(T value, Worth is_worth = Worth::sync) : reply(std::move(value)), worth(is_worth) {}

  T reply;
  Worth worth;
};

/// The result of XPENDING with a range, which only looks.
struct PendingNow {
  PendingEntries entries;
  bool from_the_future = false;  ///< the clock was set back, so some would wait too long. See `mend`
};

template <typename R>
struct FoundOf {
  using Type = Result<std::conditional_t<kOnlyLooks<R>, typename R::Reply, Change<typename R::Reply>>>;
};
template <>
struct FoundOf<Xpending> {
  using Type = Result<PendingNow>;
};
/// What `run` returns for a request: a reply if the request only looks, else a change.
template <typename R>
using Found = typename FoundOf<R>::Type;

#define WEIR_RUN(Request) Found<Request> run(const Request& request);

/// Threads: as its database, which must outlive it. Nothing here blocks, but for SQLite's reading and writing.
/// Fails: with Failure::refused and Redis's text. The database keeps a failure of a statement, and then the result is
/// void: the caller asks the database before it commits, or trusts the result.
///
/// `run` is declared for each request, but not defined for XADD, XREAD and XREADGROUP, which have functions of their
/// own below: the linker reports a call of theirs.
class Tables {
 public:
  explicit Tables(Database& db) : db_(db), bulk_insert_(db), remove_listed_(db) {}

  WEIR_REQUESTS(WEIR_RUN)

  /// See Sharing.
  void bound_answers(std::uint64_t bytes) { room_left_ = bytes; }

  /// See Store::names_from.
  Result<Names> names_from(std::string_view prefix, std::size_t most);

  /// Many XADDs: each stream is read once and saved once. Returns one answer for each entry that was dealt with, in
  /// their order. Stops at the first entry that is refused, which leaves nothing behind.
  using AddAnswers = std::vector<Result<MaybeId>>;
  Result<Change<AddAnswers>> append(std::span<const Xadd> entries);

  /// See Remembering.
  Result<RememberedKeys> remembered(const std::string& stream);
  Result<Change<Ok>> remember(const std::string& stream, const RememberedKeys& keys);

  /// See Receiving.
  Result<Change<std::string>> source_name(const std::string& stream);
  Result<Change<bool>> acknowledge_source(const std::string& name, const Xack& request);
  Result<std::optional<Id>> received(const std::string& stream, const std::string& source);
  Result<Change<Received>> receive(const std::string& source, std::optional<Id> place, std::span<const Xadd> entries,
                                   std::span<const Id> places);

  /// See Delaying.
  using Handles = std::vector<std::optional<Handle>>;
  Result<Change<Handles>> delay(std::span<const Xadd> entries, const Due& due);
  Result<std::vector<DelayedMessage>> delayed(const std::string& stream, const std::optional<Handle>& after,
                                              std::uint64_t count);
  Result<DelayedCount> count_delayed(const std::string& stream);
  Result<std::vector<Surveyed>> survey(std::span<const std::string> streams);
  Result<Change<Count>> cancel_delayed(const std::string& stream, std::span<const Handle> handles);
  Result<Change<Count>> append_delayed(const std::string& stream, std::span<const Handle> handles);
  Result<Change<Count>> take_over_delayed(const std::string& stream, std::span<const DelayedMessage> messages);
  /// See Rationing.
  Result<Change<Rationed>> take(const Ration& ration);

  /// The time when the first delayed message of these streams is due.
  std::optional<UnixMs> next_due(std::span<const std::string> streams);
  /// Appends the due messages of this stream; returns whether there were any.
  Result<Change<bool>> append_due_of(const std::string& stream);

  /// See Unique.
  Result<Change<std::optional<Placed>>> add_unique(const Xadd& entry, const std::string& key,
                                                   const std::optional<Due>& due);
  Result<std::vector<UniqueKey>> unique_keys(const std::string& stream);
  Result<Change<Ok>> set_unique_keys(const std::string& stream, std::span<const UniqueKey> keys);

  /// See Keeping.
  Result<Change<std::optional<std::uint64_t>>> keep(const std::string& stream, const KeepPolicy& policy);
  Result<std::optional<KeepPolicy>> kept(const std::string& stream);
  Result<Change<Count>> apply_keep(const std::string& stream);

  /// See Pausing.
  Result<Change<Ok>> pause(const std::string& stream, const std::string& group, const std::optional<Millis>& time);
  Result<Change<Ok>> resume(const std::string& stream, const std::string& group);
  Result<std::optional<Pause>> paused(const std::string& stream, const std::string& group);

  /// XRANGE into a page; returns how many entries there are.
  Result<std::size_t> pack(const Xrange& request, PackedEntries& page);

  /// The two steps of XREAD: the IDs after which its sources begin at this moment, and the entries after these.
  Result<std::vector<Id>> starts_of(const Xread& request);
  Result<StreamEntries> read_after(const Xread& request, const std::vector<Id>& after);

  /// Which entries a source that asks for new ones may be given now.
  struct Served {
    bool fresh = true;
    bool claims = true;  ///< pending entries, with CLAIM
  };
  /// XREADGROUP, without waiting. `served`: one for each source; empty: all entries may be given. A refusal comes
  /// before any change.
  Result<Change<StreamEntries>> deliver(const Xreadgroup& request, const std::vector<Served>& served);

  /// XPENDING with a range, after setting times in the future to now.
  Result<Change<Xpending::Reply>> mend(const Xpending& request);

  /// For a transaction of many requests: while an object lives, a group that is destroyed and made anew keeps its
  /// number, so that for readers in its line it stays the same group.
  class SameGroups {
   public:
    SameGroups(Tables& tables, std::span<const Request> requests);
    ~SameGroups() { tables_.groups_before_.clear(); }
    SameGroups(const SameGroups&) = delete;
    SameGroups& operator=(const SameGroups&) = delete;

   private:
    Tables& tables_;
  };

 private:
  Result<void> check_room() const;
  Result<void> check_whole(const ReadRoom& room);
  Result<void> collect_all(std::vector<Entry>& out, std::int64_t first, std::int64_t last,
                           std::optional<std::uint64_t> count, bool reverse, IdRange bounds = {});
  Result<Handle> delay_with_key(const Xadd& entry, const Due& due, const std::string& key);

  Database& db_;
  BulkInsert bulk_insert_;
  RemoveListed remove_listed_;
  LastStream last_stream_;
  std::optional<std::uint64_t> room_left_;  ///< bytes left for entries in answers
  /// The groups' numbers, by stream and group, before a transaction of many requests.
  std::map<std::pair<std::string, std::string>, std::int64_t> groups_before_;
};

#undef WEIR_RUN

}  // namespace weir::sqlite
