// What blocking reads have in common, with a group or without.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "stream/store.h"
#include "system/fd.h"

namespace weir::cli {

/// `count`, but no more than MAXCOUNT, as a larger count would be refused.
inline std::uint64_t default_count(const ReadLimit& limit, std::uint64_t count) {
  return std::min(count, limit.entries.value_or(count));
}

/// False: nobody reads standard output any more, and SIGPIPE is noted as the signal by which to end. Fails if SIGPIPE
/// is ignored, and if standard output is not open for writing.
Result<bool> has_reader(const Session& session);

/// Blocking reads, one after the other. A signal during a read ends the read, so that the file is closed in order, and
/// what is printed has its end. Once nobody reads standard output any more, nothing more is read, since nobody would
/// see what a group delivers.
class WaitingReads {
 public:
  /// Both have to outlive the object.
  WaitingReads(const Session& session, Store& store) : session_(session), store_(store) {}
  ~WaitingReads();
  WaitingReads(const WaitingReads&) = delete;
  WaitingReads& operator=(const WaitingReads&) = delete;

  /// Runs the read. If nobody would see the result, fails, or notes SIGPIPE as the signal by which to end and returns
  /// nothing.
  template <typename Request>
  Result<StreamEntries> run(const Request& request) {
    WEIR_ASSIGN(const bool begins, has_reader(session_));
    if (!begins) {
      return StreamEntries();
    }
    std::optional<StopSignals> stop;
    if (request.block) {
      stop.emplace();
      watch();
    }
    WEIR_ASSIGN(StreamEntries reply, store_.run(request));
    if (reply.empty()) {
      WEIR_TRY(has_reader(session_));
    }
    return reply;
  }

 private:
  void watch();
  void set_interrupt(int fd);

  const Session& session_;
  Store& store_;
  Fd output_gone_;  ///< readable once nobody reads standard output
  bool watches_ = false;
};

}  // namespace weir::cli
