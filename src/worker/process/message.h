// One message that this worker holds.
#pragma once

#include <cstdint>
#include <string>

#include "stream/fields.h"
#include "stream/id.h"

namespace weir::worker {

struct Message {
  std::string stream;
  Id id;
  Fields fields;
  std::uint64_t deliveries = 1;  ///< this delivery included
  std::uint64_t laters = 0;      ///< how often the message was given back for later
};

}  // namespace weir::worker
