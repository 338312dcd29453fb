// What became of messages: `weir wait`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stream/store.h"

namespace weir::worker {

struct OutcomeOptions {
  std::string stream;
  std::string group;
  std::vector<Id> ids;         ///< none: all messages that are there now
  std::string dead_letter;     ///< empty: see `dead_letter_stream`
  std::optional<Millis> most;  ///< how long to wait; nothing: for ever
};

enum class Outcome {
  acknowledged,  ///< all of them
  not_yet,       ///< the time is over, or the process was told to stop
};

/// Waits until the group has acknowledged the messages. A group that is not there yet is waited for: its first worker
/// makes it.
///
/// Fails with `Failure::refused` as soon as one of them has become a dead letter, saying why; if there is no such
/// stream; if the group is destroyed meanwhile; if a message is not there and the group was never given it; and if it
/// is seen that one was deleted while it was pending. What a group passed over (it began after the message) cannot be
/// told from what it has acknowledged.
Result<Outcome> await_outcome(Store& store, const OutcomeOptions& options);

}  // namespace weir::worker
