// How much one client of `serve` may leave lying there.
#pragma once

#include <chrono>
#include <cstddef>

namespace weir::server {

struct Bounds {
  std::size_t out = std::size_t{1024} * 1024 * 1024;     ///< of answers it has not taken: with more it is dropped
  std::size_t slow_out = std::size_t{32} * 1024 * 1024;  ///< with so much it is, too,
  std::chrono::seconds slow{60};                         ///< if it stays so for so long
  std::chrono::seconds strangers{30};                    ///< within which a client says the password
  std::chrono::seconds keepalive{300};                   ///< of silence, then its machine is asked whether it is there
  std::size_t queued = std::size_t{512} * 1024 * 1024;   ///< of commands that wait for EXEC: no more are taken
};

}  // namespace weir::server
