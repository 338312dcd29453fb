#include "worker/dead/dead.h"

#include <algorithm>
#include <utility>

#include "stream/newest.h"
#include "stream/remote.h"
#include "system/process_name.h"
#include "worker/dead/look_closer.h"
#include "worker/dead/targets.h"
#include "worker/process/template.h"

namespace weir::worker {
namespace {

/// A claim in that group lasts a moment. An older claim was left by a process that was killed.
constexpr Millis kLongClaim{60'000};

constexpr std::uint64_t kPage = 100;

class Dead {
 public:
  Dead(Store& store, const DeadOptions& options, std::string stream, const TellDead& tell)
      : store_(store), options_(options), tell_(tell), stream_(std::move(stream)), who_(process_name()) {}

  Result<int> run() {
    WEIR_TRY(check_names());
    WEIR_ASSIGN(const int status, do_what_is_asked());
    WEIR_ASSIGN(const auto by_id, advice_for_ids_if_any());
    if (by_id) {
      tell_(*by_id);
    } else if (status == 1) {
      WEIR_ASSIGN(const auto advice, advice_for(store_, options_, stream_));
      if (advice) {
        tell_(*advice);
      }
    }
    return status;
  }

 private:
  /// Requeue and purge refuse a condition whose name lacks the prefix `weir.`, as it would hold for all letters. A list
  /// may use one, as it does no harm.
  Result<void> check_names() {
    const bool changes =
        options_.action == DeadOptions::Action::requeue || options_.action == DeadOptions::Action::purge;
    if (!changes || std::ranges::none_of(options_.where, &Condition::is_negated)) {
      return {};
    }
    WEIR_ASSIGN(const auto name, name_without_prefix(store_, options_, stream_));
    if (!name) {
      return {};
    }
    Advice advice = advice_for_name(*name);
    return fail(Failure::usage, std::move(advice.what), std::move(advice.instead));
  }

  Result<std::optional<Advice>> advice_for_ids_if_any() {
    return unknown_.empty() ? std::optional<Advice>() : advice_for_ids(store_, options_, stream_, unknown_);
  }

  Result<int> do_what_is_asked() {
    const bool requeues = options_.action == DeadOptions::Action::requeue && !options_.dry_run;
    if (requeues) {
      WEIR_ASSIGN(const Count there, store_.run(Exists{{stream_}}));
      if (there.value == 0) {
        return 1;
      }
      WEIR_TRY(make_group());
    }
    const auto each = options_.ids.empty() ? each_in_stream() : each_by_id();
    const auto left = requeues ? leave_group() : Result<void>();
    WEIR_TRY(each);
    WEIR_TRY(left);
    if (options_.action == DeadOptions::Action::purge && !options_.dry_run && done_ > 0) {
      tell_(Count{done_});
    }
    if (foreign_ && !options_.ids.empty()) {
      return static_cast<int>(Failure::refused);
    }
    return done_ > 0 ? 0 : 1;
  }

  Result<void> make_group() {
    XgroupCreate create;
    create.stream = stream_;
    create.group = kRequeueGroup;
    create.start = kMinId;
    create.if_absent = true;
    WEIR_TRY(store_.run(create));
    return {};
  }

  /// The last process that uses the group removes it, since it is no real queue. If another process comes at that
  /// moment, it finds the group gone and makes it again.
  Result<void> leave_group() {
    constexpr std::uint64_t kMany = 1'000;
    Xpending claims;
    claims.stream = stream_;
    claims.group = kRequeueGroup;
    claims.count = kMany;
    const auto held = store_.run(claims);
    if (!held) {
      return is_gone(held.error()) ? Result<void>() : tl::unexpected<Error>(held.error());
    }
    const bool used = std::any_of(held->entries.begin(), held->entries.end(),
                                  [](const PendingEntry& claim) { return claim.idle < kLongClaim; });
    Result<void> left;
    if (used) {
      if (const auto gone = store_.run(XgroupDelConsumer{stream_, kRequeueGroup, who_}); !gone) {
        left = tl::unexpected<Error>(gone.error());
      }
    } else if (const auto gone = store_.run(XgroupDestroy{stream_, kRequeueGroup}); !gone) {
      left = tl::unexpected<Error>(gone.error());
    }
    return left || is_gone(left.error()) ? Result<void>() : left;
  }

  static bool is_gone(const Error& error) { return error.failure == Failure::refused; }

  Result<void> each_by_id() {
    for (const Id id : options_.ids) {
      Xrange range;
      range.stream = stream_;
      range.first = id;
      range.last = id;
      WEIR_ASSIGN(const Entries found, store_.run(range));
      if (found.entries.empty()) {
        unknown_.push_back(id);
      }
      for (const Entry& entry : found.entries) {
        WEIR_TRY(deal_with(entry));
      }
      if (is_enough()) {
        break;
      }
    }
    return {};
  }

  bool is_enough() const { return stopped_ || (options_.limit && done_ >= *options_.limit); }

  /// Goes only up to the letter that is the last one now: a message that dies again meanwhile is not put back again.
  Result<void> each_in_stream() {
    Xrange last;
    last.stream = stream_;
    last.reverse = true;
    last.count = 1;
    WEIR_ASSIGN(const Entries end, store_.run(last));
    if (end.entries.empty()) {
      return {};
    }
    Xrange page;
    page.stream = stream_;
    page.first = options_.first;
    page.last = std::min(options_.last, end.entries.front().id);
    if (options_.newest) {
      WEIR_ASSIGN(const bool any, narrow_to_newest(store_, page, *options_.newest, [this](const Entry& entry) {
                    return meant(entry) &&
                           (options_.action == DeadOptions::Action::show || read_dead_letter(*entry.fields));
                  }));
      if (!any) {
        return {};
      }
    }
    page.count = kPage;
    while (true) {
      WEIR_ASSIGN(const Entries found, store_.run(page));
      for (const Entry& entry : found.entries) {
        WEIR_TRY(deal_with(entry));
        if (is_enough()) {
          return {};
        }
      }
      if (found.entries.size() < kPage) {
        return {};
      }
      const auto next = next_id(found.entries.back().id);
      if (!next) {
        return {};
      }
      page.first = *next;
    }
  }

  bool meant(const Entry& entry) const { return entry.fields && all_hold(options_.where, *entry.fields); }

  Result<void> deal_with(const Entry& entry) {
    if (!meant(entry)) {
      return {};
    }
    if (options_.action == DeadOptions::Action::purge && !options_.dry_run) {
      WEIR_ASSIGN(const Count gone, store_.run(Xdel{stream_, {entry.id}}));
      done_ += gone.value;
      return {};
    }
    if (options_.action == DeadOptions::Action::show) {
      tell_(entry);
      ++done_;
      return {};
    }
    const auto letter = read_dead_letter(*entry.fields);
    if (!letter && options_.action == DeadOptions::Action::purge) {
      tell_(entry);
      ++done_;
      return {};
    }
    if (!letter) {
      tell_(NoDeadLetter{entry.id});
      foreign_ = true;
      return {};
    }
    if (options_.action == DeadOptions::Action::ls || options_.dry_run) {
      tell_(DeadSummary{entry.id, *letter});
      ++done_;
      return {};
    }
    return requeue(entry.id, *letter);
  }

  /// `NOGROUP`: another process has just removed the group, so we make it again.
  Result<void> claim(Id id) {
    Xclaim mine;
    mine.stream = stream_;
    mine.group = kRequeueGroup;
    mine.consumer = who_;
    mine.ids = {id};
    mine.force = true;
    mine.just_id = true;
    while (true) {
      const auto claimed = store_.run(mine);
      if (claimed || !claimed.error().message.starts_with("NOGROUP ")) {
        return claimed ? Result<void>() : tl::unexpected<Error>(claimed.error());
      }
      WEIR_TRY(make_group());
    }
  }

  Result<void> keep_pace() {
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto left = std::chrono::ceil<std::chrono::microseconds>(next_ - now());
    WEIR_ASSIGN(const bool goes_on, options_.rest(std::max(left, std::chrono::microseconds(0))));
    stopped_ = !goes_on;
    next_ = std::max(next_, now()) + options_.pause;
    return {};
  }

  /// Whether the message is gone from its stream, or the group that gave it up no longer exists.
  Result<bool> has_no_way_back(const DeadLetter& letter) {
    WEIR_ASSIGN(const Entries found, store_.run(Xrange{letter.stream, letter.id, letter.id, false, 1}));
    if (found.entries.empty()) {
      return true;
    }
    WEIR_ASSIGN(const GroupInfos infos, store_.run(XinfoGroups{letter.stream}));
    return std::ranges::none_of(infos.groups, [&](const GroupInfo& info) { return info.name == letter.death.group; });
  }

  static Request going_back(const DeadLetter& letter) {
    Xnack nack;
    nack.stream = letter.stream;
    nack.group = letter.death.group;
    nack.ids = {letter.id};
    nack.deliveries = 0;
    nack.force = true;
    nack.only_there = true;
    return nack;
  }

  static Request appending(const DeadLetter& letter) {
    Xadd back;
    back.stream = letter.stream;
    back.fields = requeued_fields(letter);
    return back;
  }

  void told(Id id, bool anew) {
    tell_(Requeued{id, anew});
    ++done_;
  }

  /// The letter is removed in the transaction that puts the message back, if both fit in one.
  Result<void> requeue(Id id, const DeadLetter& letter) {
    Xack still_mine;
    still_mine.stream = stream_;
    still_mine.group = kRequeueGroup;
    still_mine.ids = {id};
    still_mine.owner = who_;
    still_mine.all_or_none = true;
    WEIR_TRY(keep_pace());
    if (stopped_) {
      return {};
    }
    WEIR_TRY(claim(id));
    bool is_back = false;
    while (true) {
      WEIR_ASSIGN(const bool anew, has_no_way_back(letter));
      std::vector<Request> requests;
      if (!is_back) {
        requests.push_back(anew ? appending(letter) : going_back(letter));
      }
      requests.emplace_back(still_mine);
      requests.emplace_back(Xdel{stream_, {id}});
      if (!fits(store_, requests)) {
        // On a server, a message with thousands of fields does not fit: the message is put back first, so that nothing
        // can be lost in between.
        WEIR_ASSIGN(const MaybeId new_id, store_.run(std::get<Xadd>(requests.front())));
        told(new_id.value_or(kMinId), true);
        is_back = true;
        continue;
      }
      WEIR_ASSIGN(const auto replies, store_.transact(requests, Store::OnRefusal::undo));
      if (replies.back()) {
        if (!is_back) {
          const auto* new_id = std::get_if<MaybeId>(&*replies[0]);
          told(new_id != nullptr ? new_id->value_or(kMinId) : letter.id, anew);
        }
        return {};
      }
      const Error refusal = replies.back().error();
      if (refusal.message.starts_with("NOENTRY ")) {
        continue;  // the message has just gone
      }
      if (refusal.message.starts_with("NOGROUP ")) {
        WEIR_TRY(claim(id));
        continue;
      }
      if (refusal.message.starts_with("NOTOWNED ")) {
        return {};  // another process has just put the message back
      }
      still_mine.all_or_none = false;
      WEIR_TRY(store_.run(still_mine));
      return fail(
          refusal.failure, refusal.message,
          "dead letter " + to_string(id) + " stays where it is: " + letter.stream + " does not take the message");
    }
  }

  Store& store_;
  const DeadOptions& options_;
  const TellDead& tell_;
  std::string stream_;
  std::string who_;
  std::uint64_t done_ = 0;
  std::vector<Id> unknown_;                     ///< the given IDs that belong to no letter
  std::chrono::steady_clock::time_point next_;  ///< the earliest time for the next letter, because of `pause`
  bool stopped_ = false;                        ///< nothing more is to be put back
  bool foreign_ = false;                        ///< an entry that is no dead letter was met
};

}  // namespace

Result<int> run_dead(Store& store, const DeadOptions& options, const TellDead& tell) {
  WEIR_ASSIGN(std::string stream, dead_letter_stream(store, options.stream, options.dead_letter));
  if (options.action == DeadOptions::Action::requeue) {
    WEIR_TRY(check_together(store, options.stream, "--dead-letter", stream));
  }
  return Dead(store, options, std::move(stream), tell).run();
}

}  // namespace weir::worker
