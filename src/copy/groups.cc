#include "copy/groups.h"

#include <algorithm>

#include "stream/pausing.h"
#include "system/clock.h"

namespace weir::copy {
namespace {

using Pending = StreamDetails::Pending;

constexpr std::uint64_t kPage = 5'000;
constexpr std::size_t kMostIds = 500;

/// Runs many requests at the cost of one; fails with the first refusal.
Result<std::vector<Result<Reply>>> run_all(Store& store, const std::vector<Request>& requests) {
  WEIR_ASSIGN(auto replies, store.transact(requests, Store::OnRefusal::go_on));
  for (const auto& reply : replies) {
    if (!reply) {
      return tl::unexpected<Error>(reply.error());
    }
  }
  return replies;
}

/// Transfers the pending entries of a group. Entries delivered together, to one consumer at one time, are claimed
/// together. Entries that nobody holds wait in the target for the rest of their time.
class Claims {
 public:
  Claims(Store& store, std::string stream, std::string group)
      : store_(store), stream_(std::move(stream)), group_(std::move(group)) {}

  void add(const Pending& pending) {
    ++asked_;
    if (pending.released) {
      release(pending);
    } else {
      claim(pending);
    }
  }

  Result<void> send() {
    if (!requests_.empty()) {
      WEIR_ASSIGN(const auto replies, run_all(store_, requests_));
      for (const auto& reply : replies) {
        const auto* claimed = std::get_if<Claimed>(&*reply);
        taken_ += claimed != nullptr ? claimed->entries.size() : std::get<Count>(*reply).value;
      }
      requests_.clear();
    }
    return {};
  }

  std::uint64_t taken() const { return taken_; }
  std::uint64_t lost() const { return asked_ - taken_; }

 private:
  void claim(const Pending& pending) {
    auto* last = requests_.empty() ? nullptr : std::get_if<Xclaim>(&requests_.back());
    if (last != nullptr && last->consumer == pending.consumer && last->delivery_time == pending.delivery_time &&
        last->deliveries == pending.deliveries && last->ids.size() < kMostIds) {
      last->ids.push_back(pending.id);
      return;
    }
    Xclaim claim;
    claim.stream = stream_;
    claim.group = group_;
    claim.consumer = pending.consumer;
    claim.ids = {pending.id};
    claim.delivery_time = pending.delivery_time;
    claim.deliveries = pending.deliveries;
    claim.force = true;
    claim.just_id = true;
    requests_.emplace_back(std::move(claim));
  }

  static Millis wait_of(const Pending& pending) {
    return pending.released->left == kWaitsForAnother ? Millis(0) : pending.released->left;
  }

  void release(const Pending& pending) {
    auto* last = requests_.empty() ? nullptr : std::get_if<Xnack>(&requests_.back());
    if (last != nullptr && last->wait == wait_of(pending) && last->deliveries == pending.deliveries &&
        last->laters == pending.laters && last->ids.size() < kMostIds) {
      last->ids.push_back(pending.id);
      return;
    }
    Xnack nack;
    nack.stream = stream_;
    nack.group = group_;
    nack.ids = {pending.id};
    nack.deliveries = pending.deliveries;
    nack.force = true;
    // An entry that waits for another one is free in the target: a worker that takes messages there under the same
    // terms makes it wait again.
    nack.wait = wait_of(pending);
    nack.laters = pending.laters;
    requests_.emplace_back(std::move(nack));
  }

  Store& store_;
  std::string stream_;
  std::string group_;
  std::vector<Request> requests_;
  std::uint64_t asked_ = 0;
  std::uint64_t taken_ = 0;
};

/// XPENDING tells how long ago a delivery was, so the time is off by as long as the answer took.
Result<void> claim_in_pages(Store& from, const std::string& stream, const std::string& group, Claims& claims) {
  Xpending request;
  request.stream = stream;
  request.group = group;
  request.count = kPage;
  std::optional<Id> first = kMinId;
  while (first) {
    request.first = *first;
    WEIR_ASSIGN(const PendingEntries page, from.run(request));
    const UnixMs now = unix_now();
    for (const PendingEntry& entry : page.entries) {
      claims.add({entry.id, entry.consumer, now - entry.idle, entry.deliveries, entry.released, entry.laters});
    }
    WEIR_TRY(claims.send());
    first = page.entries.size() == kPage ? next_id(page.entries.back().id) : std::nullopt;
  }
  return {};
}

/// XINFO STREAM FULL has the exact times, but cannot be read in pages, and lists entries, too. So it is used where it
/// lists all of a group, and the number of entries is kept small if they are large.
Result<StreamDetails> exact_times(Store& from, const std::string& stream, const StreamInfo& info) {
  constexpr std::uint64_t kLarge = 4 * 1024;
  const auto size = [](const std::optional<Entry>& entry) { return entry ? entry->fields->json().size() : 0; };
  const bool large = std::max(size(info.first_entry), size(info.last_entry)) > kLarge;
  return from.run(XinfoStreamFull{stream, large ? 1 : kPage});
}

Result<void> make_group(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const GroupInfo& group) {
  XgroupCreate create;
  create.stream = stream;
  create.group = group.name;
  create.start = kUnfinishedGroup;
  create.if_absent = true;
  WEIR_TRY(to.store.run(create));
  WEIR_ASSIGN(const ConsumerInfos consumers, from.store.run(XinfoConsumers{stream, group.name}));
  std::vector<Request> requests;
  requests.reserve(consumers.consumers.size());
  for (const ConsumerInfo& consumer : consumers.consumers) {
    requests.emplace_back(XgroupCreateConsumer{stream, group.name, consumer.name});
  }
  if (!requests.empty()) {
    WEIR_TRY(run_all(to.store, requests));
  }
  return {};
}

Result<void> finish_group(Store& to, const std::string& stream, const GroupInfo& group, const CopyPlan& plan) {
  XgroupSetid place;
  place.stream = stream;
  place.group = group.name;
  place.start = group.last_delivered_id;
  // Behind other entries, the number of entries read would be wrong.
  place.entries_read = plan.action == CopyPlan::Action::append ? std::nullopt : group.entries_read;
  WEIR_TRY(to.run(place));
  return {};
}

/// Done after the group holds all its entries: in a paused group nothing can be claimed.
Result<void> copy_pause(Store& to, const std::string& stream, const GroupInfo& group) {
  if (!group.paused) {
    return {};
  }
  return dynamic_cast<Pausing&>(to).pause(stream, group.name, group.paused->left);
}

}  // namespace

Result<void> copy_groups(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                         Copied& copied) {
  WEIR_ASSIGN(const GroupInfos groups, from.store.run(XinfoGroups{stream}));
  if (groups.groups.empty()) {
    return {};
  }
  WEIR_ASSIGN(const GroupInfos there, to.store.run(XinfoGroups{stream}));
  WEIR_ASSIGN(const StreamDetails details, exact_times(from.store, stream, plan.source));
  for (const GroupInfo& group : groups.groups) {
    const bool is_there = std::any_of(there.groups.begin(), there.groups.end(), [&](const GroupInfo& g) {
      return g.name == group.name && g.last_delivered_id != kUnfinishedGroup;
    });
    if (is_there) {
      if (plan.action == CopyPlan::Action::append) {
        copied.groups_left.push_back(group.name);
      } else {
        WEIR_TRY(copy_pause(to.store, stream, group));
      }
      continue;
    }
    WEIR_TRY(make_group(from, to, stream, group));
    Claims claims(to.store, stream, group.name);
    const auto exact = std::find_if(details.groups.begin(), details.groups.end(), [&](const StreamDetails::Group& g) {
      return g.name == group.name && g.pel.size() == g.pel_count;
    });
    if (exact != details.groups.end()) {
      for (const Pending& pending : exact->pel) {
        claims.add(pending);
      }
      WEIR_TRY(claims.send());
    } else {
      WEIR_TRY(claim_in_pages(from.store, stream, group.name, claims));
    }
    WEIR_TRY(finish_group(to.store, stream, group, plan));
    WEIR_TRY(copy_pause(to.store, stream, group));
    ++copied.groups;
    copied.pending += claims.taken();
    copied.pending_lost += claims.lost();
  }
  return {};
}

}  // namespace weir::copy
