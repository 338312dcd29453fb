// An interrupt that needs no thread, which only the file engine has.
#pragma once

namespace weir {

class Unhurried {
 public:
  virtual ~Unhurried() = default;

  /// As Store::set_interrupt, but a blocked read may go on for another second, or for five behind others in a line.
  /// This costs no thread, and messages are noticed no later. A group gives nothing to an interrupted reader.
  virtual void set_slow_interrupt(int fd) = 0;
};

}  // namespace weir
