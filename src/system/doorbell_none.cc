// No bell: waiting processes look from time to time.
#include <poll.h>

#include "system/doorbell.h"

namespace weir {

struct Doorbell::Impl {};

Doorbell::Doorbell(int, std::size_t) {}

Doorbell::~Doorbell() = default;

bool Doorbell::ring() noexcept {
  return false;
}

bool Doorbell::ring_for_one() noexcept {
  return false;
}

bool Doorbell::ring_at(int, std::size_t) noexcept {
  return false;
}

void Doorbell::listen() {}

Doorbell::Heard Doorbell::wait(std::chrono::milliseconds time, int interrupt) {
  pollfd fd{interrupt, POLLIN, 0};
  return poll(&fd, 1, static_cast<int>(time.count())) > 0 ? Heard::interrupted : Heard::nothing;
}

bool Doorbell::works() const {
  return false;
}

}  // namespace weir
