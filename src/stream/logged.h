// How long a store's log is.
#pragma once

#include <cstdint>

#include "stream/result.h"

namespace weir {

/// Implemented by a `Store` that writes to a log first: the file engine does.
class Logged {
 public:
  virtual ~Logged() = default;

  /// The bytes of the log that lies beside the database.
  virtual Result<std::uint64_t> log_size() = 0;

 protected:
  Logged() = default;
  Logged(const Logged&) = default;
  Logged(Logged&&) = default;
  Logged& operator=(const Logged&) = default;
  Logged& operator=(Logged&&) = default;
};

}  // namespace weir
