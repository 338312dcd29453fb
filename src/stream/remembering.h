// The keys of idempotent producers that a store remembers, read and replaced as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stream/reply.h"
#include "stream/result.h"

namespace weir {

/// The keys of one stream, from the oldest to the newest of each producer, and the settings by which they are kept.
struct RememberedKeys {
  struct Key {
    std::string producer;
    std::string key;
    Id id;
    UnixMs added{0};
  };
  IdempotenceInfo settings;  ///< with the counts of keys ever added, and of duplicates
  std::vector<Key> keys;
};

/// Implemented by a `Store` whose remembered keys can be read and replaced.
class Remembering {
 public:
  virtual ~Remembering() = default;

  /// Refused if there is no such stream.
  virtual Result<RememberedKeys> remembered(const std::string& stream) = 0;
  /// Replaces the keys that the stream remembers. Refused if there is no such stream.
  virtual Result<void> remember(const std::string& stream, const RememberedKeys& keys) = 0;

 protected:
  Remembering() = default;
  Remembering(const Remembering&) = default;
  Remembering(Remembering&&) = default;
  Remembering& operator=(const Remembering&) = default;
  Remembering& operator=(Remembering&&) = default;
};

}  // namespace weir
