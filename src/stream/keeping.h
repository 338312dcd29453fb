// What a stream keeps of its entries, as a standing policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stream/reply.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// What goes is what is beyond the newest `maxlen` entries, and what is older than `maxage` by the time in its ID; with
/// `acked` nothing that some group has not been given and acknowledged, and if that is all that is said, whatever all
/// groups are done with, as soon as there is a group.
struct KeepPolicy {
  std::optional<std::uint64_t> maxlen;
  std::optional<Millis> maxage;
  bool acked = false;

  bool any() const { return maxlen || maxage || acked; }
  friend bool operator==(const KeepPolicy&, const KeepPolicy&) = default;
};

/// What a `Store` is besides, if it can apply such policies.
///
/// Appending applies them, but not each time: a stream may have 128 entries more, and with `acked` an eighth more, than
/// its policy says. All of it is refused if there is no such stream.
class Keeping {
 public:
  virtual ~Keeping() = default;

  /// In the place of the policy that there is; one that says nothing ends it. The answer: how many entries would go now
  /// that some group has not been given and acknowledged. Nothing: the stream has no group. None of them goes yet.
  virtual Result<std::optional<std::uint64_t>> keep(const std::string& stream, const KeepPolicy& policy) = 0;
  /// Nothing: it has none.
  virtual Result<std::optional<KeepPolicy>> kept(const std::string& stream) = 0;
  /// Applies it to the letter: how many entries went.
  virtual Result<Count> apply_keep(const std::string& stream) = 0;

 protected:
  Keeping() = default;
  Keeping(const Keeping&) = default;
  Keeping(Keeping&&) = default;
  Keeping& operator=(const Keeping&) = default;
  Keeping& operator=(Keeping&&) = default;
};

}  // namespace weir
