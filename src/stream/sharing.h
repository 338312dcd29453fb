// One store for many clients: what they write in one commit, and what they wait for in one look.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// What a `Store` is besides, if it can do what several clients ask together.
class Sharing {
 public:
  virtual ~Sharing() = default;

  /// Runs `work` as one transaction: what it asks of the store is done in it, one after the other, and is on the disk
  /// when this returns. Nothing in it waits; a refusal of one request leaves the others as they are. Nothing is done at
  /// all if `work` fails, or throws.
  virtual Result<void> together(const std::function<Result<void>()>& work) = 0;

  /// The same, if it can be begun without waiting for others who write. False: it cannot, and nothing was done.
  virtual Result<bool> together_at_once(const std::function<Result<void>()>& work) = 0;

  /// Text that is another once somebody has changed the stream as Redis's WATCH sees it: its entries, its name, what
  /// XSETID sets, or which groups it has.
  virtual Result<std::string> state_of(const std::string& stream) = 0;

  /// How many streams there are. Costs less than their names.
  virtual Result<std::uint64_t> count_streams() = 0;

  /// In the place of `$`, and of what has no entry yet, the IDs after which the streams go on from this moment.
  virtual Result<void> fix_starts(Xread& request) = 0;

  /// What somebody waits for.
  struct Awaited {
    std::string stream;
    std::optional<Id> after;  ///< XREAD; nothing: XREADGROUP, by
    std::string group = {};
    std::optional<Millis> claim = {};
  };
  struct Seen {
    std::vector<bool> ready;           ///< for each: there may be something, or an error to be told
    std::optional<Millis> until_more;  ///< time alone will make something ready
  };
  /// Looks at all of them at one moment. Nothing is given to anybody.
  virtual Result<Seen> look(std::span<const Awaited> awaited) = 0;

 protected:
  Sharing() = default;
  Sharing(const Sharing&) = default;
  Sharing(Sharing&&) = default;
  Sharing& operator=(const Sharing&) = default;
  Sharing& operator=(Sharing&&) = default;
};

}  // namespace weir
