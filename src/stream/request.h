// The requests that a store answers: one plain struct for each command, already checked for form.
//
// Names of streams, groups and consumers are byte strings. Each request names the type of its reply, and says
// with `kLooks` if it changes nothing.
// Times: `Millis` is a duration in milliseconds; `UnixMs` is a point in time, Unix milliseconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "stream/fields.h"
#include "stream/id.h"
#include "stream/reply.h"

namespace weir {

using Millis = std::chrono::milliseconds;

/// How removing an entry treats the groups that refer to it. A group refers to entries that it has not been given yet,
/// and to entries that are pending in it.
enum class References {
  keep,    ///< the entry is removed; where it is pending, it stays pending
  remove,  ///< the entry is removed from the pending lists too
  acked,   ///< an entry that any group refers to is not removed
};

/// `MAXLEN|MINID [=|~] threshold [LIMIT n] [KEEPREF|DELREF|ACKED]`.
struct Trim {
  enum class By { maxlen, minid };
  By by = By::maxlen;
  bool approximate = false;  ///< `~`: may keep up to 99 entries more, so that each trim is worth its cost
  std::uint64_t maxlen = 0;
  Id minid;
  std::uint64_t limit = 0;  ///< remove at most so many; 0: no limit. Requires: approximate.
  References references = References::keep;
  friend bool operator==(const Trim&, const Trim&) = default;
};

/// The ID of an entry to add: `*`, `ms-*`, or an ID.
struct NewId {
  enum class Kind { automatic, automatic_sequence, exact };
  Kind kind = Kind::automatic;
  Id id;  ///< exact: all of it; automatic_sequence: `ms` only
};

/// `IDMP|IDMPAUTO`: an entry that a producer has added under this key is not added again, as long as its stream
/// remembers the key; the reply is the ID of the first addition. Requires: neither producer nor key is empty, and the
/// entry's ID is automatic.
struct Idempotence {
  std::string producer;
  std::optional<std::string> key;  ///< nothing: the key is made from the fields
};

struct Xadd {
  using Reply = MaybeId;  ///< nothing if NOMKSTREAM was given and there is no stream
  std::string stream;
  NewId id;
  Fields fields;
  bool make_stream = true;
  std::optional<Trim> trim;
  std::shared_ptr<const Idempotence> idempotence = {};  ///< null: none; entries of one input share it
};

struct Xlen {
  using Reply = Count;
  static constexpr bool kLooks = true;
  std::string stream;
};

/// XRANGE, and XREVRANGE with `reverse`. Both bounds are inclusive; `first` <= `last` is not required.
struct Xrange {
  using Reply = Entries;
  static constexpr bool kLooks = true;
  std::string stream;
  Id first = kMinId;
  Id last = kMaxId;
  bool reverse = false;
  std::optional<std::uint64_t> count;  ///< nothing: all
};

struct Xdel {
  using Reply = Count;
  std::string stream;
  std::vector<Id> ids;
};

/// XDELEX: one outcome for each ID.
struct Xdelex {
  using Reply = Outcomes;
  std::string stream;
  std::vector<Id> ids;
  References references = References::keep;
};

struct Xtrim {
  using Reply = Count;
  std::string stream;
  Trim trim;
};

struct Xsetid {
  using Reply = Ok;
  std::string stream;
  Id last_id;
  std::optional<std::uint64_t> entries_added;
  std::optional<Id> max_deleted_id;
};

/// How a stream remembers the keys of idempotent producers. A setting that is nothing stays as it is; a setting that
/// changes makes the stream forget all its keys.
struct Xcfgset {
  using Reply = Ok;
  std::string stream;
  std::optional<std::uint64_t> duration_s;  ///< how long a key is remembered
  std::optional<std::uint64_t> maxsize;     ///< how many keys of each producer
};

/// Makes a stream remember a key as if the entry, which has to be there, had been added under it.
struct Xidmprecord {
  using Reply = Ok;
  std::string stream;
  std::string producer;
  std::string key;
  Id id;
};

/// MAXCOUNT and MAXSIZE: how much a read takes of all its streams together. The first entry is always taken. Reading
/// ends before the first entry that would exceed a limit.
struct ReadLimit {
  std::optional<std::uint64_t> entries;
  std::optional<std::uint64_t> bytes;  ///< of field names and values, without IDs
  bool any() const { return entries || bytes; }
  friend bool operator==(const ReadLimit&, const ReadLimit&) = default;
};

struct Xread {
  using Reply = StreamEntries;  ///< empty: nothing before the time-out
  static constexpr bool kLooks = true;
  /// Where to go on in a stream: after an ID, after the entry that is last now (`$`), or at the last entry (`+`).
  struct From {
    enum class Kind { after, end, last_entry };
    Kind kind = Kind::after;
    Id id;
    friend bool operator==(const From&, const From&) = default;
  };
  struct Source {
    std::string stream;
    From from;
    friend bool operator==(const Source&, const Source&) = default;
  };
  std::vector<Source> sources;
  std::optional<std::uint64_t> count;
  std::optional<Millis> block;  ///< nothing: do not wait; 0: for ever
  ReadLimit limit = {};
  friend bool operator==(const Xread&, const Xread&) = default;
};

struct Xreadgroup {
  using Reply = StreamEntries;
  struct Source {
    std::string stream;
    std::optional<Id> history_after;  ///< nothing: `>`, entries that no consumer has been given
  };
  std::string group;
  std::string consumer;
  std::vector<Source> sources;
  std::optional<std::uint64_t> count;
  std::optional<Millis> block;
  bool noack = false;
  /// CLAIM: also pending entries that nobody holds, or that have been held for so long, from all streams before the
  /// first that names its history. These entries come first; `count` covers both kinds.
  std::optional<Millis> claim = {};
  ReadLimit limit = {};
};

struct XgroupCreate {
  using Reply = Ok;
  std::string stream;
  std::string group;
  std::optional<Id> start;  ///< nothing: `$`
  bool make_stream = false;
  std::optional<std::uint64_t> entries_read;  ///< nothing (or -1): not known
  bool if_absent = false;                     ///< weir's own: an existing group is no error
};

struct XgroupSetid {
  using Reply = Ok;
  std::string stream;
  std::string group;
  std::optional<Id> start;
  std::optional<std::uint64_t> entries_read;
};

struct XgroupDestroy {
  using Reply = Count;
  std::string stream;
  std::string group;
};

struct XgroupCreateConsumer {
  using Reply = Count;
  std::string stream;
  std::string group;
  std::string consumer;
};

struct XgroupDelConsumer {
  using Reply = Count;
  std::string stream;
  std::string group;
  std::string consumer;
  bool only_if_nothing_pending = false;  ///< a consumer that holds entries stays, with its entries
};

struct Xack {
  using Reply = Count;
  std::string stream;
  std::string group;
  std::vector<Id> ids;
  std::optional<std::string> owner;  ///< weir's own: acknowledge only what this consumer still owns
  bool all_or_none = false;  ///< weir's own: refused, with nothing done, unless every ID was pending (and owned)
};

/// XACKDEL: acknowledges entries, and then removes them as Xdelex does. `absent`: the entry was not pending in this
/// group.
struct Xackdel {
  using Reply = Outcomes;
  std::string stream;
  std::string group;
  std::vector<Id> ids;
  References references = References::keep;
};

/// Gives pending entries back: then nobody holds them, and the first consumer that asks gets them.
struct Xnack {
  using Reply = Count;
  /// What becomes of the number of deliveries: it goes back by one, stays, or becomes the highest there is.
  enum class Blame { silent, fail, fatal };
  std::string stream;
  std::string group;
  Blame blame = Blame::fail;
  std::vector<Id> ids;
  std::optional<std::uint64_t> deliveries;  ///< RETRYCOUNT: the number, whatever the blame
  bool force = false;                       ///< an entry that is not pending becomes pending
  std::optional<std::string> owner;         ///< weir's own: release only what this consumer still owns
  Millis wait{0};                           ///< weir's own: for so long nobody is given the entries
  /// weir's own, with `force`: refused with NOENTRY, and nothing done, unless every entry is in the stream. An entry
  /// that is pending already, or still to be delivered, stays as it is, but counts in the reply.
  bool only_there = false;
  std::optional<std::uint64_t> laters = {};  ///< weir's own: how often given back for later; nothing: as before
};

struct XpendingSummary {
  using Reply = PendingSummary;
  static constexpr bool kLooks = true;
  std::string stream;
  std::string group;
};

struct Xpending {
  using Reply = PendingEntries;
  static constexpr bool kLooks = true;
  std::string stream;
  std::string group;
  Millis min_idle{0};
  Id first = kMinId;
  Id last = kMaxId;
  std::uint64_t count = 0;
  std::optional<std::string> consumer;
  /// weir's own: lists only entries that nobody holds, in the order in which they are due. Requires: no consumer, no
  /// bounds, no min_idle.
  bool released = false;
};

struct Xclaim {
  using Reply = Claimed;
  std::string stream;
  std::string group;
  std::string consumer;
  Millis min_idle{0};
  std::vector<Id> ids;
  std::optional<UnixMs> delivery_time;      ///< IDLE and TIME, made a point in time; nothing: now
  std::optional<std::uint64_t> deliveries;  ///< RETRYCOUNT
  bool force = false;
  bool just_id = false;
  std::optional<Id> last_id;
  std::optional<std::string> owner;  ///< weir's own: claim only what this consumer still owns, to renew a lease
  bool released = false;             ///< weir's own: claim only what is due and nobody holds. Requires: no owner
};

struct Xautoclaim {
  using Reply = AutoClaimed;
  std::string stream;
  std::string group;
  std::string consumer;
  Millis min_idle{0};
  Id start = kMinId;
  std::uint64_t count = 100;
  bool just_id = false;
};

struct XinfoStream {
  using Reply = StreamInfo;
  static constexpr bool kLooks = true;
  std::string stream;
};

struct XinfoStreamFull {
  using Reply = StreamDetails;
  static constexpr bool kLooks = true;
  std::string stream;
  std::uint64_t count = 10;  ///< 0: all
};

struct XinfoGroups {
  using Reply = GroupInfos;
  static constexpr bool kLooks = true;
  std::string stream;
};

struct XinfoConsumers {
  using Reply = ConsumerInfos;
  static constexpr bool kLooks = true;
  std::string stream;
  std::string group;
};

struct Del {
  using Reply = Count;
  std::vector<std::string> streams;
};

struct Exists {
  using Reply = Count;  ///< a name given twice counts twice
  static constexpr bool kLooks = true;
  std::vector<std::string> streams;
};

struct Rename {
  using Reply = Ok;
  std::string from;
  std::string to;
};

struct Type {
  using Reply = Status;  ///< "stream" or "none"
  static constexpr bool kLooks = true;
  std::string stream;
};

/// KEYS and `ls`: the names that match a glob as Redis matches it, in the order of their bytes.
struct Keys {
  using Reply = Names;
  static constexpr bool kLooks = true;
  std::string pattern = "*";
};

struct Flushall {
  using Reply = Ok;
};

/// Lists every request. From this list are made the variant, and the functions for each request that `Store`, both
/// engines and redis/translate/encode.h declare.
#define WEIR_REQUESTS(REQUEST)  \
  REQUEST(Xadd)                 \
  REQUEST(Xlen)                 \
  REQUEST(Xrange)               \
  REQUEST(Xdel)                 \
  REQUEST(Xdelex)               \
  REQUEST(Xtrim)                \
  REQUEST(Xsetid)               \
  REQUEST(Xcfgset)              \
  REQUEST(Xidmprecord)          \
  REQUEST(Xread)                \
  REQUEST(Xreadgroup)           \
  REQUEST(XgroupCreate)         \
  REQUEST(XgroupSetid)          \
  REQUEST(XgroupDestroy)        \
  REQUEST(XgroupCreateConsumer) \
  REQUEST(XgroupDelConsumer)    \
  REQUEST(Xack)                 \
  REQUEST(Xackdel)              \
  REQUEST(Xnack)                \
  REQUEST(XpendingSummary)      \
  REQUEST(Xpending)             \
  REQUEST(Xclaim)               \
  REQUEST(Xautoclaim)           \
  REQUEST(XinfoStream)          \
  REQUEST(XinfoStreamFull)      \
  REQUEST(XinfoGroups)          \
  REQUEST(XinfoConsumers)       \
  REQUEST(Del)                  \
  REQUEST(Exists)               \
  REQUEST(Rename)               \
  REQUEST(Type)                 \
  REQUEST(Keys)                 \
  REQUEST(Flushall)

/// Requires: the first is `void`; it is there so that a list can begin with a comma.
template <typename, typename... Requests>
using OneOf = std::variant<Requests...>;

#define WEIR_AFTER_COMMA(Request) , Request
using Request = OneOf<void WEIR_REQUESTS(WEIR_AFTER_COMMA)>;
#undef WEIR_AFTER_COMMA

/// Whether `R` changes nothing in a store.
template <typename R>
inline constexpr bool kOnlyLooks = requires {
  requires R::kLooks;
};

}  // namespace weir
