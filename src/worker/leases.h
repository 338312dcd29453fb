// What a worker holds in its groups: taking messages, keeping them, finding those that are due again.
//
// Two kinds of pending messages are nobody's any more and may be taken:
//
// - one that a consumer has not renewed for `min_idle`: its worker is gone;
// - one that nobody holds, since it was given back: it is due when the time of its next delivery has come.
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

/// Threads: as its store, which must outlive it, as must the options. Each call asks the store, and blocks and fails as
/// that does; none waits for messages.
class Leases {
 public:
  Leases(Store& store, const WorkOptions& options, std::string consumer);

  const std::string& consumer() const { return consumer_; }

  /// Makes the stream and its group if they are not there; a new group begins with the first message of its stream.
  Result<void> make_group(const std::string& stream);

  /// Nothing: the stream has no such group. Refused if there is no stream.
  Result<std::optional<GroupInfo>> info(const std::string& stream);

  enum class Group { there, destroyed, no_stream };
  Result<Group> look_for_group(const std::string& stream);

  /// Removes consumers that hold nothing and have not been seen for a day.
  Result<void> remove_stale_consumers();

  /// Removes this worker's consumers, but for those that hold something. The name will not come again; where it fails,
  /// some worker after a day does it.
  void leave();

  /// A read of new messages, at most `count` of each stream, from one stream or from all.
  Xreadgroup reading(const std::vector<std::string>& streams, std::uint64_t count) const;

  struct Due {
    std::vector<Message> messages;             ///< taken; deliveries include the one that now begins
    std::vector<std::string> previous_owners;  ///< of each; empty: nobody held it
    Millis next{0};                            ///< nothing more is due before so long from now
  };
  /// Takes at most `want` messages that are due, none in a paused group. `held`: what this worker has, which is never
  /// due.
  Result<Due> take_due(const std::string& stream, std::size_t want, const std::set<Id>& held);

  /// When the first message that another consumer holds may be taken over, for want of a sign of life. Nothing: all of
  /// them are alive, as far as was looked.
  std::optional<Millis> next_of_the_dead();

  /// Nothing: the group of this stream is not paused.
  Result<std::optional<Pause>> pause_of(const std::string& stream);

  /// A reading that began then failed, and may have been done. What it delivered has not been begun: the next
  /// `take_due` of each stream takes it at once, and it is the first delivery still. What was delivered before it began
  /// is left alone: another worker may have been given the same name, by mistake.
  void look_for_strays(SteadyTime began) {
    for (const std::string& stream : options_.streams) {
      strays_.try_emplace(stream, began);
    }
  }
  /// How long ago what came since `began` can have been delivered, on the store's clock.
  static Millis since(SteadyTime began);

  /// Renews the lease of `ids`; the answer is those that are still this worker's.
  Result<std::set<Id>> renew(const std::string& stream, const std::vector<Id>& ids);

  /// A request that gives messages back: after `wait` they are delivered to whoever comes first. `deliveries`: what
  /// their count is put back to, if the command was never begun.
  Xnack giving_back(const std::string& stream, std::vector<Id> ids, Millis wait,
                    std::optional<std::uint64_t> deliveries = std::nullopt) const;

 private:
  /// A look at what is pending, whoever has it.
  Xpending looking(const std::string& stream, std::uint64_t count) const;
  Xclaim claim_of(const std::string& stream, std::vector<Id> ids) const;
  /// `laters` of each ID.
  Result<void> take(const Xclaim& claim, const std::string& owner, const std::map<Id, std::uint64_t>& laters, Due& due);
  Result<void> take_released(const std::string& stream, std::size_t want, Due& due);
  Result<void> take_in_turn(const std::string& stream, std::size_t want, Due& due);
  Result<void> take_from(const std::string& stream, const std::string& owner, std::size_t want,
                         const std::set<Id>& held, Due& due);
  Result<void> take_strays(const std::string& stream, std::size_t want, const std::set<Id>& held, Due& due);

  Store& store_;
  const WorkOptions& options_;
  std::string consumer_;
  std::map<std::string, SteadyTime> strays_;  ///< streams that may hold some, delivered since then
};

}  // namespace weir::worker
