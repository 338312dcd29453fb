// How much one client of `serve` may take of the server's memory and time.
#pragma once

#include <chrono>
#include <cstddef>

namespace weir::server {

struct Bounds {
  std::size_t out = std::size_t{1024} * 1024 * 1024;     ///< bytes of answers not taken; more: client is dropped
  std::size_t slow_out = std::size_t{32} * 1024 * 1024;  ///< a client with more bytes than this is dropped as well
  std::chrono::seconds slow{60};                         ///< if the bytes stay above `slow_out` for so long
  std::chrono::seconds strangers{30};                    ///< a client has so long to say the password
  std::chrono::seconds keepalive{300};                   ///< after such silence, the client's machine is probed
  std::size_t queued = std::size_t{512} * 1024 * 1024;   ///< bytes of commands waiting for EXEC; no more are taken
};

}  // namespace weir::server
