// Makes sure that no command outlives the worker, however the worker ends.
//
// A small separate process notices the worker's end as the end of a pipe. It then kills the process group of every
// command that was running. On Linux the kernel also kills the commands themselves (PR_SET_PDEATHSIG); only the
// guardian also reaches the processes that the commands have started.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <span>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::worker {

/// Owns the guardian process and the memory shared with it. The destructor ends the process and blocks until it is
/// gone.
class Guardian {
 public:
  /// Starts a guardian for at most `places` commands at once. Requires: called before any thread is started. Fails with
  /// `Failure::store` if the system has no room for another process.
  static Result<Guardian> start(std::size_t places);
  ~Guardian();
  Guardian(Guardian&& other) noexcept;

  /// The process that runs in each place; 0: none. The memory is shared with the guardian, and until exec with the
  /// child. The child enters itself there, so no command ever runs unknown to the guardian.
  std::span<std::atomic<pid_t>> places() const { return places_; }

 private:
  Guardian(std::span<std::atomic<pid_t>> places, Fd lifeline, pid_t pid)
      : places_(places), lifeline_(std::move(lifeline)), pid_(pid) {}
  std::span<std::atomic<pid_t>> places_;
  Fd lifeline_;
  pid_t pid_;
};

}  // namespace weir::worker
