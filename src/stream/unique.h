// Messages of which one at a time waits.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "stream/delaying.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// Where a message waits, and whether it was this call that put it there.
struct Placed {
  std::variant<Id, Handle> place;
  bool added = false;
};

/// A key, and the entry that was added under it last.
struct UniqueKey {
  std::string key;
  Id id;
};

/// What a `Store` is besides, if it can find out whether a message with a key waits.
///
/// It waits until a group of the stream is given it, or has passed its ID; with no group, as long as it is in the
/// stream. One that is delayed waits. That is found out from the entries and the groups: nothing has to be unlocked.
class Unique {
 public:
  virtual ~Unique() = default;

  /// Adds it, at once or when it is due, unless one with this key waits: then it says where. Nothing: there is no such
  /// stream, and it is not to be made. Refused as XADD is. Requires: the entry has no Idempotence; a delayed one has
  /// no ID and no trimming either.
  virtual Result<std::optional<Placed>> add_unique(const Xadd& entry, const std::string& key,
                                                   const std::optional<Due>& due) = 0;
  /// Those of entries that may be waiting; a delayed message has its own. None: also if there is no such stream.
  virtual Result<std::vector<UniqueKey>> unique_keys(const std::string& stream) = 0;
  /// Takes them over; one whose entry is not in the stream says nothing. Requires: there is such a stream.
  virtual Result<void> set_unique_keys(const std::string& stream, std::span<const UniqueKey> keys) = 0;

 protected:
  Unique() = default;
  Unique(const Unique&) = default;
  Unique(Unique&&) = default;
  Unique& operator=(const Unique&) = default;
  Unique& operator=(Unique&&) = default;
};

}  // namespace weir
