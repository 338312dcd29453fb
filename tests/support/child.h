// A process that a test forks, with a pipe from it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "system/fd.h"

namespace weir::test {

/// Runs `body` in a forked process; what the body writes to the descriptor it is given can be read line by line.
/// Killed at the latest with the object, so that no test leaves a process behind.
class Child {
 public:
  explicit Child(const std::function<void(int out)>& body);
  ~Child();
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  /// The next line it wrote, waiting for it; nothing at the end.
  std::optional<std::string> line();
  /// SIGKILL, and waits until it is gone.
  void kill();
  /// Waits for its end and returns its exit status, or -1 if a signal ended it.
  int wait();

 private:
  pid_t pid_ = -1;
  Fd out_;
  std::string buffer_;
};

/// Ends a process that hangs, so that its test fails instead of hanging with it.
Child watchdog(const Child& child);

/// Writes one whole line: a line is either there or not, whenever the process is killed.
void say(int out, const std::string& line);

}  // namespace weir::test
