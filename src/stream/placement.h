// Which streams one transaction can take together.
#pragma once

#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir {

/// Implemented by a `Store` that may be spread over several nodes. There a transaction takes only streams that lie
/// together: in a cluster, streams of the same slot.
class Placement {
 public:
  virtual ~Placement() = default;

  /// A name for a second stream that belongs to `stream`: its name and `suffix`. On a cluster that would part the two
  /// streams, the name is `{stream}suffix` if that keeps them together. Asks the store.
  virtual Result<std::string> name_beside(const std::string& stream, std::string_view suffix) = 0;

  /// Whether one transaction can take both streams. Asks the store.
  virtual Result<bool> lie_together(const std::string& one, const std::string& other) = 0;

 protected:
  Placement() = default;
  Placement(const Placement&) = default;
  Placement(Placement&&) = default;
  Placement& operator=(const Placement&) = default;
  Placement& operator=(Placement&&) = default;
};

}  // namespace weir
