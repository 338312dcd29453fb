// A stream's standing policy: which entries it keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stream/reply.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// Entries beyond the newest `maxlen` are deleted, and entries older than `maxage` by the time in their ID. With
/// `acked` an entry stays until every group has been given it and has acknowledged it. With `acked` alone every entry
/// that all groups are done with is deleted, as soon as there is a group.
struct KeepPolicy {
  std::optional<std::uint64_t> maxlen;
  std::optional<Millis> maxage;
  bool acked = false;

  bool any() const { return maxlen || maxage || acked; }
  friend bool operator==(const KeepPolicy&, const KeepPolicy&) = default;
};

/// Implemented by a `Store` that can apply such policies.
///
/// Appending applies the policy, but not each time: a stream may have 128 entries more, and with `acked` an eighth
/// more, than its policy says. Every call is refused if the stream does not exist.
class Keeping {
 public:
  virtual ~Keeping() = default;

  /// Replaces the stream's policy; an empty `policy` ends it. Deletes nothing yet. Returns how many entries it would
  /// delete now that are not yet delivered to, and acknowledged by, every group. Nothing: the stream has no group.
  virtual Result<std::optional<std::uint64_t>> keep(const std::string& stream, const KeepPolicy& policy) = 0;
  /// Nothing: the stream has no policy.
  virtual Result<std::optional<KeepPolicy>> kept(const std::string& stream) = 0;
  /// Applies the policy exactly; returns how many entries were deleted.
  virtual Result<Count> apply_keep(const std::string& stream) = 0;
  /// What apply_keep() would return now; deletes nothing.
  virtual Result<Count> would_apply_keep(const std::string& stream) = 0;

 protected:
  Keeping() = default;
  Keeping(const Keeping&) = default;
  Keeping(Keeping&&) = default;
  Keeping& operator=(const Keeping&) = default;
  Keeping& operator=(Keeping&&) = default;
};

}  // namespace weir
