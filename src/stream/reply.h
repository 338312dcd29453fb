// Typed answers: those of a store, and those that need no store. `io/` turns these into JSON lines, tables, redis-cli's
// text and RESP.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "stream/fields.h"
#include "stream/id.h"

namespace weir {

using UnixMs = std::chrono::milliseconds;  ///< since 1970-01-01T00:00:00Z

struct Ok {};

struct Status {
  std::string text;
};

struct Count {
  std::uint64_t value = 0;
};

/// What became of each ID of XDELEX and XACKDEL, in the order in which they were given.
struct Outcomes {
  enum class Outcome {
    absent = -1,  ///< there is no such entry
    removed = 1,
    referenced = 2,  ///< the entry is still there, since a group refers to it
  };
  std::vector<Outcome> outcomes;
};

using MaybeId = std::optional<Id>;

/// How long an entry was held before CLAIM took it, and how often it was delivered. A new entry has 0 and 0; a released
/// entry has kNobodysIdle.
struct HeldBefore {
  std::chrono::milliseconds idle{0};
  std::uint64_t deliveries = 0;
};

struct Entry {
  Id id;
  std::optional<Fields> fields;             ///< nothing: deleted while pending
  std::optional<std::uint64_t> deliveries;  ///< group reads and claims: how often delivered, this time included
  std::optional<HeldBefore> before = {};    ///< XREADGROUP CLAIM
};

/// In the place of how long a pending entry has been held: nobody holds it. Redis says -1 too.
inline constexpr std::chrono::milliseconds kNobodysIdle{-1};

/// The entries of one stream, from XRANGE and XREVRANGE.
struct Entries {
  std::string stream;
  std::vector<Entry> entries;
  bool nil = false;  ///< XRANGE with a COUNT of 0 on a stream that exists: Redis answers nil, not an empty array
};

/// From XREAD and XREADGROUP: streams in the order of the request. Empty is Redis's nil.
using StreamEntries = std::vector<Entries>;

/// In the place of how long a message still waits: it waits until another message is done.
inline constexpr std::chrono::milliseconds kWaitsForAnother = std::chrono::milliseconds::max();

/// The wait of a pending entry that nobody holds for its next delivery.
struct Released {
  std::chrono::milliseconds waited{0};  ///< since the entry was released
  std::chrono::milliseconds left{0};    ///< until it may be given to somebody; 0: it may be now
};

struct PendingSummary {
  struct Consumer {
    std::string name;
    std::uint64_t pending = 0;
  };
  std::uint64_t count = 0;
  std::optional<Id> first;
  std::optional<Id> last;
  std::vector<Consumer> consumers;  ///< consumers that have entries pending, by name
  std::uint64_t released = 0;       ///< how many of `count` no consumer holds
  std::uint64_t in_turn = 0;        ///< on a server: how many of `released` wait for another message
};

struct PendingEntry {
  Id id;
  std::string consumer;
  std::chrono::milliseconds idle{0};
  std::uint64_t deliveries = 0;
  std::optional<Released> released = {};  ///< if set, it has no consumer and no idle time
  std::uint64_t laters = 0;               ///< how often it was given back for later: not counted as deliveries
};

struct PendingEntries {
  std::vector<PendingEntry> entries;
};

/// XCLAIM. With JUSTID the entries have an ID only, and `just_id` is set.
struct Claimed {
  std::string stream;
  std::vector<Entry> entries;
  bool just_id = false;
};

struct AutoClaimed {
  Id cursor;  ///< where to go on; 0-0: that was the end
  Claimed claimed;
  std::vector<Id> deleted;  ///< entries gone from the stream: were pending, no longer are
};

/// A value from a server that weir does not interpret: a number, text, a list of values, or nothing.
struct PlainValue {
  std::variant<std::monostate, std::int64_t, std::string, std::vector<PlainValue>> value;
  bool is_map = false;  ///< the list is of names, each followed by its value
};

/// A field of XINFO that only newer servers have. ExtraFields keeps the server's order.
struct ExtraField {
  std::string name;
  PlainValue value;
};
using ExtraFields = std::vector<ExtraField>;

/// How long a stream remembers keys of XADD IDMP, and how many of each producer, unless XCFGSET says otherwise.
inline constexpr std::uint64_t kIdmpDurationS = 100;
inline constexpr std::uint64_t kIdmpMaxsize = 100;

/// Part of XINFO STREAM: which keys of idempotent producers are remembered.
struct IdempotenceInfo {
  std::uint64_t duration_s = kIdmpDurationS;
  std::uint64_t maxsize = kIdmpMaxsize;
  std::uint64_t producers = 0;
  std::uint64_t keys = 0;
  std::uint64_t added = 0;
  std::uint64_t duplicates = 0;
};

/// Gives `see` each figure with its name in XINFO, in Redis's order.
template <typename Info, typename See>
void each_figure(Info& info, See&& see) {
  see("idmp-duration", info.duration_s);
  see("idmp-maxsize", info.maxsize);
  see("pids-tracked", info.producers);
  see("iids-tracked", info.keys);
  see("iids-added", info.added);
  see("iids-duplicates", info.duplicates);
}

/// XINFO STREAM.
struct StreamInfo {
  std::uint64_t length = 0;
  Id last_generated_id;
  Id max_deleted_id;
  std::uint64_t entries_added = 0;
  Id recorded_first_id;  ///< 0-0 when empty
  std::uint64_t groups = 0;
  std::optional<Entry> first_entry;
  std::optional<Entry> last_entry;
  std::optional<IdempotenceInfo> idempotence = {};  ///< nothing: a server before Redis 8.6
  ExtraFields extra = {};
};

/// A pause of a group, which is given no messages meanwhile.
struct Pause {
  std::optional<std::chrono::milliseconds> left;  ///< nothing: until it is resumed
};

/// XINFO GROUPS. A figure that is not known is nothing, never 0.
struct GroupInfo {
  std::string name;
  std::uint64_t consumers = 0;
  std::uint64_t pending = 0;
  Id last_delivered_id;
  std::optional<std::uint64_t> entries_read;
  std::optional<std::uint64_t> lag;
  std::uint64_t released = 0;                           ///< how many of `pending` no consumer holds
  std::optional<std::chrono::milliseconds> next_due{};  ///< until the first of `released` may be given
  std::optional<Pause> paused = {};                     ///< weir's own
  ExtraFields extra = {};
};

struct GroupInfos {
  std::vector<GroupInfo> groups;
};

/// XINFO CONSUMERS.
struct ConsumerInfo {
  std::string name;
  std::uint64_t pending = 0;
  std::chrono::milliseconds idle{0};
  std::optional<std::chrono::milliseconds> inactive;  ///< nothing: never active (Redis: -1)
  ExtraFields extra = {};
  bool activity_told = true;  ///< false: `inactive` says nothing (a server before Redis 7.2)
};

struct ConsumerInfos {
  std::vector<ConsumerInfo> consumers;
};

/// XINFO STREAM FULL.
struct StreamDetails {
  struct Pending {
    Id id;
    std::string consumer;
    UnixMs delivery_time{0};
    std::uint64_t deliveries = 0;
    std::optional<Released> released = {};  ///< if set, it has no consumer and no delivery time
    std::uint64_t laters = 0;               ///< how often it was given back for later
  };
  struct Consumer {
    std::string name;
    UnixMs seen_time{0};
    std::optional<UnixMs> active_time;
    std::uint64_t pel_count = 0;
    std::vector<Pending> pel;
    ExtraFields extra = {};
    bool activity_told = true;  ///< as in ConsumerInfo
  };
  struct Group {
    std::string name;
    Id last_delivered_id;
    std::optional<std::uint64_t> entries_read;
    std::optional<std::uint64_t> lag;
    std::uint64_t pel_count = 0;
    std::vector<Pending> pel;
    std::vector<Consumer> consumers;
    ExtraFields extra = {};
    std::optional<std::uint64_t> nacked_count = {};  ///< how many of `pel_count` nobody holds; servers tell since 8.8
  };
  StreamInfo info;  ///< without its first and last entry
  std::vector<Entry> entries;
  std::vector<Group> groups;
};

struct Names {
  std::vector<std::string> names;
};

/// ECHO, and PING with a word.
struct Text {
  std::string bytes;
};

/// The reply of a HELP subcommand.
struct HelpText {
  std::vector<std::string> lines;
};

using Reply =
    std::variant<Ok, Status, Count, Outcomes, MaybeId, Entries, StreamEntries, PendingSummary, PendingEntries, Claimed,
                 AutoClaimed, StreamInfo, StreamDetails, GroupInfos, ConsumerInfos, Names, Text, HelpText>;

}  // namespace weir
