// Groups that are given nothing for a while.
#pragma once

#include <optional>
#include <string>

#include "stream/reply.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// What a `Store` is besides, if it can pause groups.
///
/// While a group is paused nothing new is delivered in it, and nothing is claimed, but by the consumer that has it
/// already: readers that wait go on waiting, up to their time-outs. Acknowledging, giving back, looking and reading
/// one's own history work. All of it fails with XPENDING's refusal if there is no such stream or group.
class Pausing {
 public:
  virtual ~Pausing() = default;

  /// For so long from now, or (nothing) until it is resumed; whatever was said before.
  virtual Result<void> pause(const std::string& stream, const std::string& group,
                             const std::optional<Millis>& time) = 0;
  /// One that is not paused stays so.
  virtual Result<void> resume(const std::string& stream, const std::string& group) = 0;
  /// Nothing: it is not.
  virtual Result<std::optional<Pause>> paused(const std::string& stream, const std::string& group) = 0;

 protected:
  Pausing() = default;
  Pausing(const Pausing&) = default;
  Pausing(Pausing&&) = default;
  Pausing& operator=(const Pausing&) = default;
  Pausing& operator=(Pausing&&) = default;
};

}  // namespace weir
