// What a store remembers of idempotent producers, taken out and put in as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stream/reply.h"
#include "stream/result.h"

namespace weir {

/// The keys of one stream, each producer's from the oldest to the newest, and how they are kept.
struct RememberedKeys {
  struct Key {
    std::string producer;
    std::string key;
    Id id;
    UnixMs added{0};
  };
  IdempotenceInfo settings;  ///< with the counts of what was ever added, and found again
  std::vector<Key> keys;
};

/// What a `Store` is besides, if it can give and take them.
class Remembering {
 public:
  virtual ~Remembering() = default;

  /// Refused if there is no such stream.
  virtual Result<RememberedKeys> remembered(const std::string& stream) = 0;
  /// In the place of what the stream remembers. Refused if there is no such stream.
  virtual Result<void> remember(const std::string& stream, const RememberedKeys& keys) = 0;

 protected:
  Remembering() = default;
  Remembering(const Remembering&) = default;
  Remembering(Remembering&&) = default;
  Remembering& operator=(const Remembering&) = default;
  Remembering& operator=(Remembering&&) = default;
};

}  // namespace weir
