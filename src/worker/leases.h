// The messages that a worker holds in its groups: taking messages, renewing them, and finding those due again.
//
// Two kinds of pending messages belong to nobody any more and may be taken:
//
// - a message that its consumer has not renewed for `min_idle`: that consumer's worker is gone;
// - a message that was given back, so that nobody holds it: it is due once the wait before its next delivery is over.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "stream/store.h"
#include "system/clock.h"
#include "worker/options.h"
#include "worker/process/message.h"

namespace weir::worker {

/// Each call uses the store, blocks and fails as the store does; no call waits for messages. The store and the options
/// must outlive the object. Threads: as the store.
class Leases {
 public:
  Leases(Store& store, const WorkOptions& options, std::string consumer);

  const std::string& consumer() const { return consumer_; }

  /// Makes the stream and its group if they are missing; a new group begins with the first message of its stream.
  Result<void> make_group(const std::string& stream);

  /// Nothing: the stream has no such group. Refused if there is no stream.
  Result<std::optional<GroupInfo>> info(const std::string& stream);

  enum class Group { there, destroyed, no_stream };
  Result<Group> look_for_group(const std::string& stream);

  /// Removes consumers that hold nothing and were not seen for a day.
  Result<void> remove_stale_consumers();

  /// Removes this worker's consumers, except those that hold something, as their name will not be used again. If the
  /// removal fails, another worker removes them after a day.
  void leave();

  /// A read of new messages, at most `count` of each stream, from one stream or from all.
  Xreadgroup reading(const std::vector<std::string>& streams, std::uint64_t count) const;

  struct Due {
    std::vector<Message> messages;             ///< taken messages; `deliveries` includes the delivery that now begins
    std::vector<std::string> previous_owners;  ///< of each message; empty: nobody held it
    Millis next{0};                            ///< no other message is due earlier than this from now
  };
  /// Takes at most `want` messages that are due; none from a paused group. `held`: messages that this worker holds,
  /// which are never due.
  Result<Due> take_due(const std::string& stream, std::size_t want, const std::set<Id>& held);

  /// When the first message of a consumer that shows no sign of life may be taken over. Nothing: as far as was looked,
  /// all consumers that hold messages are alive.
  std::optional<Millis> next_of_the_dead();

  /// Nothing: the group of this stream is not paused.
  Result<std::optional<Pause>> pause_of(const std::string& stream);

  /// A read that began at `began` failed, but may have been done. No command was begun for the messages that it
  /// delivered, so the next `take_due` of each stream takes them at once and counts that as their first delivery. Older
  /// messages are left alone: another worker may have been given the same name by mistake.
  void look_for_strays(SteadyTime began) {
    for (const std::string& stream : options_.streams) {
      strays_.try_emplace(stream, began);
    }
  }
  /// The greatest age that messages delivered since `began` can have on the store's clock.
  static Millis since(SteadyTime began);

  /// How long ago the message was delivered to this worker, or renewed. Nothing: this worker does not hold it.
  Result<std::optional<Millis>> age(const std::string& stream, const Id& id);

  /// Renews the leases of `ids`; returns the IDs that this worker still holds.
  Result<std::set<Id>> renew(const std::string& stream, const std::vector<Id>& ids);

  /// A request that gives messages back: after `wait`, any worker may take them. `deliveries`: the new value of the
  /// delivery count, if the command was never begun.
  Xnack giving_back(const std::string& stream, std::vector<Id> ids, Millis wait,
                    std::optional<std::uint64_t> deliveries = std::nullopt) const;

 private:
  /// A look at pending messages of all consumers.
  Xpending looking(const std::string& stream, std::uint64_t count) const;
  Xclaim claim_of(const std::string& stream, std::vector<Id> ids) const;
  /// `laters`: of each ID, how often the message was given back for later.
  Result<void> take(const Xclaim& claim, const std::string& owner, const std::map<Id, std::uint64_t>& laters, Due& due);
  Result<void> take_released(const std::string& stream, std::size_t want, Due& due);
  Result<void> take_in_turn(const std::string& stream, std::size_t want, Due& due);
  Result<void> take_from(const std::string& stream, const std::string& owner, std::size_t want,
                         const std::set<Id>& held, Due& due);
  Result<void> take_strays(const std::string& stream, std::size_t want, const std::set<Id>& held, Due& due);

  Store& store_;
  const WorkOptions& options_;
  std::string consumer_;
  std::map<std::string, SteadyTime> strays_;  ///< streams that may hold messages of a failed read, which began then
};

}  // namespace weir::worker
