// What a store that is a file can do beside Store: be interrupted without a thread.
#pragma once

namespace weir {

class Unhurried {
 public:
  virtual ~Unhurried() = default;

  /// As Store::set_interrupt, but a blocked read may go on for another second, and behind others in a line for five.
  /// That costs no thread, and what comes is noticed no later; and a group gives nothing to a reader that is
  /// interrupted.
  virtual void set_slow_interrupt(int fd) = 0;
};

}  // namespace weir
