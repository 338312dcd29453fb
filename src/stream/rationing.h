// Taking messages under terms that hold for a whole group.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "stream/reply.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// What holds for all who take messages of a group under the same terms. It is derived from what is pending: nothing
/// is locked, and nobody has to give anything back.
struct Terms {
  /// From one message to the next. Who comes late catches up, by a tenth of a second at most.
  std::optional<std::chrono::microseconds> interval;
  /// At most so many are held at a time, in all streams together.
  std::optional<std::uint64_t> held;
  /// Messages with the same value of this field: one at a time, in their order. One without the field waits for none.
  std::optional<std::string> serial;
  bool any() const { return interval || held || serial; }
};

/// Messages for a consumer: those that were given back and are due, those whose owner has shown no sign of life, and
/// new ones.
struct Ration {
  std::vector<std::string> streams;  ///< all that the terms are for. The pace is kept with the first
  std::size_t begin = 0;             ///< the one that is looked at first; the others follow, in a circle
  std::string group;
  std::string consumer;
  Terms terms;
  std::size_t want = 1;
  bool new_first = false;                         ///< new ones before those that were given back
  std::optional<Millis> idle = {};                ///< also what another has held so long without a sign of life
  std::map<std::string, std::set<Id>> held = {};  ///< by stream, what the consumer has: not to be taken again
  /// What the consumer holds besides, and was delivered no longer ago, came of a `take` whose answer was lost. It is
  /// taken again, uncounted. Requires: `held` is complete. (Of a file no answer is lost.)
  std::optional<Millis> strays = {};
  bool fresh = true;  ///< also what no consumer has been given
};

struct Rationed {
  struct Message {
    std::string stream;
    Entry entry;                      ///< with its deliveries
    std::string previous_owner = {};  ///< empty: nobody held it
    std::uint64_t laters = 0;
  };
  std::vector<Message> messages;
  bool more = false;             ///< there is something that may not be taken yet
  std::optional<Millis> next{};  ///< when it may, or is due, if time alone decides that
};

/// What a `Store` is besides, if it can give messages under terms.
class Rationing {
 public:
  virtual ~Rationing() = default;

  /// Does not wait. What may not be taken is left where it is, or (`serial`) waits in the pending list for the one
  /// before it. Refused as XREADGROUP is if a stream or its group is not there.
  virtual Result<Rationed> take(const Ration& ration) = 0;

  /// Waits until there may be something that the last `take` did not give, at most so long; from that call on no change
  /// is missed. False: the process was told to stop, or the interrupt came.
  virtual Result<bool> await_more(Millis most) = 0;

 protected:
  Rationing() = default;
  Rationing(const Rationing&) = default;
  Rationing(Rationing&&) = default;
  Rationing& operator=(const Rationing&) = default;
  Rationing& operator=(Rationing&&) = default;
};

}  // namespace weir
