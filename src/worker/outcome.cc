#include "worker/outcome.h"

#include <algorithm>
#include <map>
#include <utility>

#include "stream/refusals.h"
#include "stream/watching.h"
#include "system/clock.h"
#include "text/shell_word.h"
#include "worker/dead/dead_letter.h"
#include "worker/dead/targets.h"

namespace weir::worker {
namespace {

constexpr std::uint64_t kPage = 100;
/// How often to look at a store that does not report changes.
constexpr Millis kLookAgain{50};
constexpr Millis kLongest{3'600'000};

/// The dead letters of a stream's messages; each letter is read once.
class Letters {
 public:
  Letters(Store& store, const OutcomeOptions& options, std::string stream)
      : store_(store), options_(options), stream_(std::move(stream)) {}

  const std::string& stream() const { return stream_; }
  void begin_after(Id last) { read_ = last; }

  /// Reads the letters that have come since the last call.
  Result<void> read() {
    while (true) {
      const auto first = next_id(read_);
      if (!first) {
        return {};
      }
      WEIR_ASSIGN(const Entries page, store_.run(Xrange{stream_, *first, kMaxId, false, kPage}));
      for (const Entry& entry : page.entries) {
        read_ = entry.id;
        auto letter = entry.fields ? read_dead_letter(*entry.fields) : std::nullopt;
        if (letter && letter->stream == options_.stream && letter->death.group == options_.group) {
          found_.insert_or_assign(letter->id, Found{entry.id, std::move(letter->death.reason)});
        }
      }
      if (page.entries.size() < kPage) {
        return {};
      }
    }
  }

  bool has(Id message) const { return found_.contains(message); }
  /// The first dead message with an ID up to `last`.
  std::optional<Id> first_up_to(Id last) const {
    return found_.empty() || found_.begin()->first > last ? std::nullopt : std::optional(found_.begin()->first);
  }
  tl::unexpected<Error> failure(Id message) const {
    const Found& letter = found_.at(message);
    return fail(Failure::refused, to_string(message) + " is a dead letter: " + letter.reason,
                "weir dead show " + shell_word(options_.stream) + " " + to_string(letter.id) +
                    (options_.dead_letter.empty() ? "" : " --dead-letter " + shell_word(options_.dead_letter)));
  }

 private:
  struct Found {
    Id id;
    std::string reason;
  };
  Store& store_;
  const OutcomeOptions& options_;
  std::string stream_;
  Id read_ = kMinId;
  std::map<Id, Found> found_;  ///< by the message's ID
};

class Waiting {
 public:
  Waiting(Store& store, const OutcomeOptions& options, std::string letters)
      : store_(store), options_(options), open_(options.ids), letters_(store, options, std::move(letters)) {}

  Result<Outcome> wait() {
    WEIR_TRY(begin());
    auto* watching = dynamic_cast<Watching*>(&store_);
    const Deadline deadline = options_.most ? Deadline::after(*options_.most) : Deadline::never();
    while (true) {
      if (watching != nullptr) {
        WEIR_TRY(watching->watch());
      }
      WEIR_ASSIGN(const bool done, options_.ids.empty() ? look_at_all() : look_at_ids());
      if (done) {
        return Outcome::acknowledged;
      }
      if (deadline.passed()) {
        return Outcome::not_yet;
      }
      if (!seen_group_ && !std::exchange(told_of_group_, true)) {
        options_.missing_group();
      }
      bool go_on = true;
      if (watching != nullptr) {
        WEIR_ASSIGN(go_on, watching->await_change(deadline.left(kLongest)));
      } else {
        go_on = options_.rest(deadline.left(kLookAgain));
      }
      if (!go_on) {
        return Outcome::not_yet;
      }
    }
  }

 private:
  Result<void> begin() {
    if (!options_.ids.empty()) {
      std::ranges::sort(open_);
      return {};  // read all letters: if the clock was set back, a letter may have a lower ID than its message
    }
    WEIR_ASSIGN(const StreamInfo info, store_.run(XinfoStream{options_.stream}));
    target_ = info.last_generated_id;
    WEIR_ASSIGN(const Entries last, store_.run(Xrange{letters_.stream(), kMinId, kMaxId, true, 1}));
    letters_.begin_after(last.entries.empty() ? kMinId : last.entries.front().id);
    return {};
  }

  /// The last ID that the group was given. Nothing: the group does not exist yet, and we wait for it.
  Result<std::optional<Id>> delivered() {
    WEIR_ASSIGN(const GroupInfos groups, store_.run(XinfoGroups{options_.stream}));
    const auto& all = groups.groups;
    const auto group = std::ranges::find(all, options_.group, &GroupInfo::name);
    if (group != all.end()) {
      seen_group_ = true;
      return std::optional(group->last_delivered_id);
    }
    if (!seen_group_) {
      return std::optional<Id>();
    }
    return fail(Failure::refused, no_group_for_key(options_.stream, options_.group));
  }

  Result<bool> is_pending(Id first, Id last) {
    Xpending request;
    request.stream = options_.stream;
    request.group = options_.group;
    request.first = first;
    request.last = last;
    request.count = 1;
    WEIR_ASSIGN(const PendingEntries pending, store_.run(request));
    return !pending.entries.empty();
  }

  Result<bool> is_there(Id first, Id last) {
    WEIR_ASSIGN(const Entries found, store_.run(Xrange{options_.stream, first, last, false, 1}));
    return !found.entries.empty();
  }

  /// A message deleted while it is pending is dropped once it would be delivered again, and then looks acknowledged. So
  /// this is reported as soon as it is seen.
  Result<void> check_not_deleted(Id id) {
    WEIR_ASSIGN(const bool there, is_there(id, id));
    bool pending = false;
    if (!there) {
      WEIR_ASSIGN(pending, is_pending(id, id));  // it may have been acknowledged and deleted since
    }
    return pending ? fail(Failure::refused,
                          to_string(id) + " is not in " + options_.stream +
                              " any more, and the group has not acknowledged it",
                          "it was deleted while it was pending: whether it was done cannot be known")
                   : Result<void>();
  }

  /// Looks only as far as the first message that is not acknowledged, as there may be many.
  Result<bool> look_at_ids() {
    WEIR_TRY(letters_.read());
    for (const Id id : options_.ids) {
      if (letters_.has(id)) {
        return letters_.failure(id);
      }
    }
    WEIR_ASSIGN(std::optional<Id> given, delivered());
    while (next_ < open_.size()) {
      const Id id = open_[next_];
      const bool waits = !given || id > *given;
      WEIR_ASSIGN(const bool open, waits ? is_there(id, id) : is_pending(id, id));
      if (waits && !open) {
        WEIR_ASSIGN(given, delivered());
        if (given && id <= *given) {
          continue;  // it was delivered, and perhaps done and deleted, since the last look
        }
        return fail(Failure::refused,
                    to_string(id) + " is not in " + options_.stream + ", and the group has not been given it");
      }
      if (open && !waits) {
        WEIR_TRY(check_not_deleted(id));
      }
      if (open) {
        return false;
      }
      ++next_;
    }
    // The message may have died after its letter was looked for.
    WEIR_TRY(letters_.read());
    for (const Id id : options_.ids) {
      if (letters_.has(id)) {
        return letters_.failure(id);
      }
    }
    return true;
  }

  Result<bool> look_at_all() {
    WEIR_ASSIGN(const std::optional<Id> given, delivered());
    if (!given) {
      return false;
    }
    const auto next = next_id(*given);
    bool open = false;
    if (next && *next <= target_) {
      WEIR_ASSIGN(open, is_there(*next, target_));
    }
    if (!open) {
      WEIR_ASSIGN(open, is_pending(kMinId, target_));
    }
    WEIR_TRY(letters_.read());
    if (const auto dead = letters_.first_up_to(target_)) {
      return letters_.failure(*dead);
    }
    return !open;
  }

  Store& store_;
  const OutcomeOptions& options_;
  std::vector<Id> open_;  ///< the given messages, in order
  std::size_t next_ = 0;  ///< the first message in `open_` not known to be acknowledged
  bool seen_group_ = false;
  bool told_of_group_ = false;  ///< the caller was told that the group is not there
  Id target_;                   ///< the last message to wait for, if no IDs were given
  Letters letters_;
};

}  // namespace

Result<Outcome> await_outcome(Store& store, const OutcomeOptions& options) {
  WEIR_ASSIGN(std::string letters, dead_letter_stream(store, options.stream, options.dead_letter));
  return Waiting(store, options, std::move(letters)).wait();
}

}  // namespace weir::worker
