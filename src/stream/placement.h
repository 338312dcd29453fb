// Where a transaction does not take any streams together.
#pragma once

#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir {

/// What a `Store` is besides, if it may be spread over several nodes: there one transaction takes only streams that lie
/// together, in a cluster those of one slot.
class Placement {
 public:
  virtual ~Placement() = default;

  /// The name of a stream that belongs to `stream`: the two put together. Where it matters, it lies with `stream` if a
  /// name can say so: `{stream}suffix`. Asks the store.
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
