// Sees to it that no command outlives the worker, whatever ends the worker.
//
// A small process of its own waits for the worker's end, which it notices as the end of a pipe, and then kills
// the process group of every command that was running. On Linux the kernel also kills the commands themselves
// (PR_SET_PDEATHSIG); the guardian reaches what they have started.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <span>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::worker {

/// It owns the process and the memory shared with it: its end ends that process, and blocks until it is gone.
class Guardian {
 public:
  /// For at most `places` commands at once. Requires: called before any thread is started. Fails with `Failure::store`
  /// where there is no room for another process.
  static Result<Guardian> start(std::size_t places);
  ~Guardian();
  Guardian(Guardian&& other) noexcept;

  /// Who runs in each place; 0: nobody. The memory is shared with the guardian and with a child until it execs,
  /// which enters itself: there is no moment in which a command runs and is not known.
  std::span<std::atomic<pid_t>> places() const { return places_; }

 private:
  Guardian(std::span<std::atomic<pid_t>> places, Fd lifeline, pid_t pid)
      : places_(places), lifeline_(std::move(lifeline)), pid_(pid) {}
  std::span<std::atomic<pid_t>> places_;
  Fd lifeline_;
  pid_t pid_;
};

}  // namespace weir::worker
