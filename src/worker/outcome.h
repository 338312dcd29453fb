// `weir wait`: waits until messages are done.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "stream/store.h"

namespace weir::worker {

struct OutcomeOptions {
  std::string stream;
  std::string group;
  std::vector<Id> ids;         ///< none: all messages that are there now
  std::string dead_letter;     ///< empty: see `dead_letter_stream`
  std::optional<Millis> most;  ///< how long to wait; nothing: without limit
  /// Sleeps between two looks at a store that does not report changes; false: the process was told to stop.
  std::function<bool(Millis)> rest = [](Millis time) {
    std::this_thread::sleep_for(time);
    return true;
  };
  /// Called once, before the wait for a group that is not there yet.
  std::function<void()> missing_group = [] {};
};

enum class Outcome {
  acknowledged,  ///< all messages
  not_yet,       ///< the time is over, or the process was told to stop
};

/// Waits until the group has acknowledged the messages. If the group does not exist yet, waits for it too: the first
/// worker makes it.
///
/// Fails with `Failure::refused` as soon as a message has become a dead letter, saying why; if the stream does not
/// exist; if the group is destroyed meanwhile; if a message does not exist and the group was never given it; and if a
/// message is seen to have been deleted while pending. A message that the group skipped (because the group began after
/// it) cannot be told from an acknowledged one.
Result<Outcome> await_outcome(Store& store, const OutcomeOptions& options);

}  // namespace weir::worker
