// What reads that may wait have in common, with a group and without.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "redis/wire/url.h"
#include "stream/store.h"
#include "system/fd.h"

namespace weir::cli {

/// No more than MAXCOUNT says, which would be refused.
inline std::uint64_t default_count(const ReadLimit& limit, std::uint64_t count) {
  return std::min(count, limit.entries.value_or(count));
}

/// Reads that may wait, one after the other. If the streams are in a file, a signal that comes meanwhile lets the read
/// leave the file in order. Once nobody reads standard output any more, nothing is read: what a group gives would be
/// seen by nobody.
class WaitingReads {
 public:
  /// Both must outlive it.
  WaitingReads(const Session& session, Store& store) : session_(session), store_(store) {}
  ~WaitingReads();
  WaitingReads(const WaitingReads&) = delete;
  WaitingReads& operator=(const WaitingReads&) = delete;

  /// Where what is read would reach nobody: fails, or notes SIGPIPE as the signal to end by and gives nothing.
  template <typename Request>
  Result<StreamEntries> run(const Request& request) {
    WEIR_ASSIGN(const bool begins, has_reader());
    if (!begins) {
      return StreamEntries();
    }
    std::optional<StopSignals> stop;
    if (request.block) {
      if (!redis::is_server(session_.settings.database)) {
        stop.emplace();
      }
      watch_output();
    }
    WEIR_ASSIGN(StreamEntries reply, store_.run(request));
    if (reply.empty()) {
      WEIR_TRY(has_reader());
    }
    return reply;
  }

  /// False: nobody reads standard output any more, and SIGPIPE is noted. Fails where that signal is ignored, and where
  /// standard output is not open for writing.
  Result<bool> has_reader() const;

 private:
  void watch_output();
  void set_interrupt(int fd);

  const Session& session_;
  Store& store_;
  Fd output_gone_;  ///< readable then; since the first read that waits
};

}  // namespace weir::cli
