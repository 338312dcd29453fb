// Unique messages: of those with the same key, only one waits at a time.
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

/// Where a message waits, and whether this call added it.
struct Placed {
  std::variant<Id, Handle> place;
  bool added = false;
};

/// A key, and the entry that was last added under it.
struct UniqueKey {
  std::string key;
  Id id;
};

/// Implemented by a `Store` that can find out whether a message with a key waits.
///
/// A message waits until a group of the stream is given it or has passed its ID; if there is no group, as long as it is
/// in the stream. A delayed message waits. This is found out from the entries and the groups, so there is no lock that
/// somebody would have to release.
class Unique {
 public:
  virtual ~Unique() = default;

  /// Adds the entry, at once or when it is due, unless a message with this key waits; then returns where that one is.
  /// Nothing: the stream does not exist, and must not be made. Refused as XADD is. Requires: the entry has no
  /// Idempotence; if it is delayed, no ID and no trimming either.
  virtual Result<std::optional<Placed>> add_unique(const Xadd& entry, const std::string& key,
                                                   const std::optional<Due>& due) = 0;
  /// The keys of entries that may be waiting. (The key of a delayed message is in DelayedMessage.) None if the stream
  /// does not exist.
  virtual Result<std::vector<UniqueKey>> unique_keys(const std::string& stream) = 0;
  /// Adds `keys`; a key whose entry is not in the stream has no effect. Requires: the stream exists.
  virtual Result<void> set_unique_keys(const std::string& stream, std::span<const UniqueKey> keys) = 0;

 protected:
  Unique() = default;
  Unique(const Unique&) = default;
  Unique(Unique&&) = default;
  Unique& operator=(const Unique&) = default;
  Unique& operator=(Unique&&) = default;
};

}  // namespace weir
