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

/// Limits that all consumers share who take messages of a group under the same terms. Whether a limit is reached is
/// derived from what is pending: nothing is locked, and nobody has to give anything back.
struct Terms {
  /// The time from one message to the next. A late take catches up, by a tenth of a second at most.
  std::optional<std::chrono::microseconds> interval;
  /// How many messages may be held at a time, in all streams together.
  std::optional<std::uint64_t> held;
  /// Messages with the same value of this field are taken one at a time, in their order. A message without the field
  /// waits for none.
  std::optional<std::string> serial;
  bool any() const { return interval || held || serial; }
};

/// A request for messages for a consumer: due messages that were given back, messages whose owner has shown no sign of
/// life, and new messages.
struct Ration {
  std::vector<std::string> streams;  ///< all that the terms are for; the first keeps the pace
  std::size_t begin = 0;             ///< the stream that is looked at first; the others follow, in a circle
  std::string group;
  std::string consumer;
  Terms terms;
  std::size_t want = 1;
  bool new_first = false;                         ///< new messages before those that were given back
  std::optional<Millis> idle = {};                ///< also what another consumer held so long without a sign of life
  std::map<std::string, std::set<Id>> held = {};  ///< by stream, what the consumer has: not taken again
  /// A message that the consumer has pending but not in `held`, delivered no longer ago than this, was in the answer to
  /// a `take` that was lost. It is taken again, uncounted. Requires: `held` is complete. (A file loses no answers.)
  std::optional<Millis> strays = {};
  bool fresh = true;  ///< also messages that no consumer has been given
};

struct Rationed {
  struct Message {
    std::string stream;
    Entry entry;                      ///< its `deliveries` are set
    std::string previous_owner = {};  ///< empty: nobody held it
    std::uint64_t laters = 0;
  };
  std::vector<Message> messages;
  bool more = false;             ///< there are messages that may not be taken yet
  std::optional<Millis> next{};  ///< how long until one may be taken, if time alone decides
};

/// Implemented by a `Store` that can give messages under terms.
class Rationing {
 public:
  virtual ~Rationing() = default;

  /// Does not wait. A message that may not be taken is left where it is, or (`serial`) waits in the pending list for
  /// the message before it. Refused as XREADGROUP is if a stream or its group does not exist.
  virtual Result<Rationed> take(const Ration& ration) = 0;

  /// Waits, at most for `most`, until there may be a message that the last `take` did not give; no change since that
  /// call is missed. False: the process was told to stop, or the interrupt came.
  virtual Result<bool> await_more(Millis most) = 0;

 protected:
  Rationing() = default;
  Rationing(const Rationing&) = default;
  Rationing(Rationing&&) = default;
  Rationing& operator=(const Rationing&) = default;
  Rationing& operator=(Rationing&&) = default;
};

}  // namespace weir
