// Pausing groups: a paused group is given no messages.
#pragma once

#include <optional>
#include <string>

#include "stream/reply.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// Implemented by a `Store` that can pause groups.
///
/// While a group is paused nothing new is delivered in it, and a consumer can claim only messages that it holds
/// already. Waiting readers go on waiting, up to their time-outs. Acknowledging, giving back, looking and reading one's
/// own history still work. Every call fails with XPENDING's refusal if the stream or the group does not exist.
class Pausing {
 public:
  virtual ~Pausing() = default;

  /// Pauses the group for `time` from now, or (nothing) until it is resumed. Replaces an earlier pause.
  virtual Result<void> pause(const std::string& stream, const std::string& group,
                             const std::optional<Millis>& time) = 0;
  /// Does nothing to a group that is not paused.
  virtual Result<void> resume(const std::string& stream, const std::string& group) = 0;
  /// Nothing: the group is not paused.
  virtual Result<std::optional<Pause>> paused(const std::string& stream, const std::string& group) = 0;

 protected:
  Pausing() = default;
  Pausing(const Pausing&) = default;
  Pausing(Pausing&&) = default;
  Pausing& operator=(const Pausing&) = default;
  Pausing& operator=(Pausing&&) = default;
};

}  // namespace weir
