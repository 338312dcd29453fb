#include "worker/leases.h"

#include <algorithm>

#include "stream/pausing.h"

namespace weir::worker {
namespace {

/// How many pending messages of a consumer are read to find out when the next one is due.
constexpr std::uint64_t kLookAhead = 100;
/// How soon to look again if a consumer holds more than that, or if a pause has no end.
constexpr Millis kLookAgain{1'000};

constexpr Millis kStale = std::chrono::hours(24);

}  // namespace

Leases::Leases(Store& store, const WorkOptions& options, std::string consumer)
    : store_(store), options_(options), consumer_(std::move(consumer)) {}

Result<void> Leases::make_group(const std::string& stream) {
  XgroupCreate create;
  create.stream = stream;
  create.group = options_.group;
  create.start = kMinId;
  create.make_stream = true;
  create.if_absent = true;
  WEIR_TRY(store_.run(create));
  return {};
}

Result<std::optional<GroupInfo>> Leases::info(const std::string& stream) {
  WEIR_ASSIGN(const GroupInfos infos, store_.run(XinfoGroups{stream}));
  const auto found = std::ranges::find(infos.groups, options_.group, &GroupInfo::name);
  return found == infos.groups.end() ? std::nullopt : std::optional(*found);
}

Result<Leases::Group> Leases::look_for_group(const std::string& stream) {
  WEIR_ASSIGN(const Count there, store_.run(Exists{{stream}}));
  if (there.value == 0) {
    return Group::no_stream;
  }
  WEIR_ASSIGN(const std::optional<GroupInfo> found, info(stream));
  return found ? Group::there : Group::destroyed;
}

Result<void> Leases::remove_stale_consumers() {
  for (const std::string& stream : options_.streams) {
    WEIR_ASSIGN(const ConsumerInfos infos, store_.run(XinfoConsumers{stream, options_.group}));
    for (const ConsumerInfo& info : infos.consumers) {
      if (info.pending != 0 || info.idle < kStale || info.name == consumer_) {
        continue;
      }
      // In this very moment the consumer may have come back and taken messages.
      WEIR_TRY(store_.run(XgroupDelConsumer{stream, options_.group, info.name, true}));
    }
  }
  return {};
}

void Leases::leave() {
  for (const std::string& stream : options_.streams) {
    (void)store_.run(XgroupDelConsumer{stream, options_.group, consumer_, true});
  }
}

Xreadgroup Leases::reading(const std::vector<std::string>& streams, std::uint64_t count) const {
  Xreadgroup read;
  read.group = options_.group;
  read.consumer = consumer_;
  read.count = count;
  for (const std::string& stream : streams) {
    read.sources.push_back({stream, std::nullopt});
  }
  return read;
}

Result<std::optional<Pause>> Leases::pause_of(const std::string& stream) {
  return dynamic_cast<Pausing&>(store_).paused(stream, options_.group);
}

std::optional<Millis> Leases::next_of_the_dead() {
  constexpr std::size_t kMostLooks = 8;
  std::optional<Millis> next;
  std::size_t looks = 0;
  for (const std::string& stream : options_.streams) {
    const auto summary = store_.run(XpendingSummary{stream, options_.group});
    if (!summary) {
      continue;
    }
    for (const PendingSummary::Consumer& consumer : summary->consumers) {
      if (consumer.name == consumer_ || ++looks > kMostLooks) {
        continue;
      }
      // A worker renews all its messages at once, three times within `min_idle`. So one message tells whether the
      // worker lives.
      Xpending look;
      look.stream = stream;
      look.group = options_.group;
      look.consumer = consumer.name;
      look.count = 1;
      const auto held = store_.run(look);
      if (held && !held->entries.empty() && held->entries[0].idle > options_.min_idle / 2) {
        const Millis left = std::max(options_.min_idle - held->entries[0].idle, Millis(0));
        next = std::min(next.value_or(left), left);
      }
    }
  }
  return next;
}

Result<Leases::Due> Leases::take_due(const std::string& stream, std::size_t want, const std::set<Id>& held) {
  WEIR_ASSIGN(const PendingSummary summary, store_.run(XpendingSummary{stream, options_.group}));
  Due due;
  due.next = options_.min_idle;
  WEIR_ASSIGN(const std::optional<Pause> pause, pause_of(stream));
  if (pause) {
    const bool any = summary.count > held.size();
    due.next = any ? pause->left.value_or(kLookAgain) : options_.min_idle;
    // Messages that were delivered to this worker before the pause belong to it, so it may take them.
    if (any && strays_.count(stream) > 0) {
      WEIR_TRY(take_strays(stream, want, held, due));
    }
    if (due.messages.size() < want) {
      strays_.erase(stream);
    }
    return due;
  }
  if (summary.in_turn > 0 && want > 0) {
    WEIR_TRY(take_in_turn(stream, want, due));
  } else if (summary.released > 0) {
    WEIR_TRY(take_released(stream, want, due));
  }
  for (const PendingSummary::Consumer& consumer : summary.consumers) {
    Result<void> taken;
    if (consumer.name == consumer_ && consumer.pending > held.size() && strays_.count(stream) > 0) {
      taken = take_strays(stream, want - due.messages.size(), held, due);
    } else if (consumer.name != consumer_ || consumer.pending > held.size()) {
      taken = take_from(stream, consumer.name, want - due.messages.size(), held, due);
    }
    if (!taken && due.messages.empty()) {
      return tl::unexpected(std::move(taken).error());
    }
    if (!taken) {
      due.next = Millis(0);  // the messages taken so far must not be lost with the failure
      return due;
    }
  }
  if (due.messages.size() < want) {
    strays_.erase(stream);
  }
  return due;
}

Millis Leases::since(SteadyTime began) {
  // The clock may be set meanwhile. If messages then look older than they are, they are not found here, but are due
  // after min_idle. If they look younger, messages could be taken from another worker only if it has the same name.
  constexpr Millis kApart{100};  // a difference that two clocks may have
  return std::chrono::ceil<Millis>(std::chrono::steady_clock::now() - began) + kApart;
}

Result<void> Leases::take_strays(const std::string& stream, std::size_t want, const std::set<Id>& held, Due& due) {
  Xpending look = looking(stream, want + held.size() + kLookAhead);
  look.consumer = consumer_;
  WEIR_ASSIGN(const PendingEntries mine, store_.run(look));
  const Millis most = since(strays_.at(stream));
  std::vector<Id> ids;
  for (const PendingEntry& entry : mine.entries) {
    if (ids.size() < want && entry.deliveries == 1 && entry.idle <= most && held.count(entry.id) == 0) {
      ids.push_back(entry.id);
    }
  }
  if (ids.empty()) {
    return {};
  }
  Xclaim claim = claim_of(stream, ids);
  claim.owner = consumer_;
  claim.deliveries = 1;
  WEIR_ASSIGN(Claimed claimed, store_.run(claim));
  for (Entry& entry : claimed.entries) {
    if (entry.fields) {
      due.messages.push_back({stream, entry.id, std::move(*entry.fields), 1});
      due.previous_owners.push_back(consumer_);
    }
  }
  due.next = Millis(0);
  return {};
}

Xpending Leases::looking(const std::string& stream, std::uint64_t count) const {
  Xpending look;
  look.stream = stream;
  look.group = options_.group;
  look.count = count;
  return look;
}

Xclaim Leases::claim_of(const std::string& stream, std::vector<Id> ids) const {
  Xclaim claim;
  claim.stream = stream;
  claim.group = options_.group;
  claim.consumer = consumer_;
  claim.ids = std::move(ids);
  return claim;
}

Result<void> Leases::take(const Xclaim& claim, const std::string& owner, const std::map<Id, std::uint64_t>& laters,
                          Due& due) {
  WEIR_ASSIGN(Claimed claimed, store_.run(claim));
  for (Entry& entry : claimed.entries) {
    if (entry.fields) {
      const auto later = laters.find(entry.id);
      due.messages.push_back({claim.stream, entry.id, std::move(*entry.fields), entry.deliveries.value_or(1),
                              later == laters.end() ? 0 : later->second});
      due.previous_owners.push_back(owner);
    }
  }
  return {};
}

Result<void> Leases::take_released(const std::string& stream, std::size_t want, Due& due) {
  Xpending look = looking(stream, want + 1);
  look.released = true;
  WEIR_ASSIGN(const PendingEntries waiting, store_.run(look));
  std::vector<Id> ids;
  std::map<Id, std::uint64_t> laters;
  for (const PendingEntry& entry : waiting.entries) {
    const Millis left = entry.released ? entry.released->left : Millis(0);
    if (left == Millis(0) && ids.size() < want) {
      ids.push_back(entry.id);
      laters[entry.id] = entry.laters;
    } else {
      due.next = std::min(due.next, left);  // the entries come in the order in which they are due
      break;
    }
  }
  if (ids.empty()) {
    return {};
  }
  Xclaim claim = claim_of(stream, std::move(ids));
  claim.released = true;
  return take(claim, {}, laters, due);
}

/// On a server, only a worker that takes messages under --serial, --rate or --group-jobs notices that a waiting message
/// is free again. We may be the only worker left, so we look.
Result<void> Leases::take_in_turn(const std::string& stream, std::size_t want, Due& due) {
  Ration ration;
  ration.streams = {stream};
  ration.group = options_.group;
  ration.consumer = consumer_;
  ration.want = want;
  ration.fresh = false;
  WEIR_ASSIGN(Rationed taken, dynamic_cast<Rationing&>(store_).take(ration));
  for (Rationed::Message& message : taken.messages) {
    due.messages.push_back({stream, message.entry.id, std::move(*message.entry.fields),
                            message.entry.deliveries.value_or(1), message.laters});
    due.previous_owners.push_back(std::move(message.previous_owner));
  }
  constexpr Millis kSoon{250};
  due.next = std::min({due.next, taken.next.value_or(kSoon), kSoon});
  return {};
}

Result<void> Leases::take_from(const std::string& stream, const std::string& owner, std::size_t want,
                               const std::set<Id>& held, Due& due) {
  Xpending look = looking(stream, want + held.size());
  look.consumer = owner;
  look.min_idle = options_.min_idle;
  std::vector<Id> ids;
  std::map<Id, std::uint64_t> laters;
  if (want > 0) {
    WEIR_ASSIGN(const PendingEntries idle, store_.run(look));
    for (const PendingEntry& entry : idle.entries) {
      if (ids.size() < want && held.count(entry.id) == 0) {
        ids.push_back(entry.id);
        laters[entry.id] = entry.laters;
      }
    }
  }
  if (!ids.empty()) {
    Xclaim claim = claim_of(stream, ids);
    claim.owner = owner;
    claim.min_idle = options_.min_idle;
    WEIR_TRY(take(claim, owner, laters, due));
    if (ids.size() == want) {
      due.next = Millis(0);  // there may be more messages
      return {};
    }
  }
  look.min_idle = Millis(0);
  look.count = kLookAhead + held.size();
  WEIR_ASSIGN(const PendingEntries rest, store_.run(look));
  for (const PendingEntry& entry : rest.entries) {
    if (held.count(entry.id) == 0 && std::find(ids.begin(), ids.end(), entry.id) == ids.end()) {
      due.next = std::min(due.next, std::max(options_.min_idle - entry.idle, Millis(1)));
    }
  }
  if (rest.entries.size() == look.count) {
    due.next = std::min(due.next, kLookAgain);
  }
  return {};
}

Result<std::optional<Millis>> Leases::age(const std::string& stream, const Id& id) {
  Xpending look = looking(stream, 1);
  look.consumer = consumer_;
  look.first = look.last = id;
  WEIR_ASSIGN(const PendingEntries mine, store_.run(look));
  return mine.entries.empty() ? std::nullopt : std::optional(mine.entries.front().idle);
}

Result<std::set<Id>> Leases::renew(const std::string& stream, const std::vector<Id>& ids) {
  Xclaim claim = claim_of(stream, ids);
  claim.owner = consumer_;
  claim.just_id = true;
  WEIR_ASSIGN(const Claimed claimed, store_.run(claim));
  std::set<Id> kept;
  for (const Entry& entry : claimed.entries) {
    kept.insert(entry.id);
  }
  return kept;
}

Xnack Leases::giving_back(const std::string& stream, std::vector<Id> ids, Millis wait,
                          std::optional<std::uint64_t> deliveries) const {
  Xnack nack;
  nack.stream = stream;
  nack.group = options_.group;
  nack.ids = std::move(ids);
  nack.owner = consumer_;
  nack.wait = wait;
  nack.deliveries = deliveries;
  return nack;
}

}  // namespace weir::worker
