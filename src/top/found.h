// The results of looking at a store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/queued.h"
#include "stream/delaying.h"
#include "system/clock.h"
#include "top/place.h"
#include "worker/dead/dead_letter.h"

namespace weir::top {

/// A stream at a certain moment.
struct SeenStream {
  report::StreamQueue queue;
  bool deep = false;                                     ///< what `Want::visible` asks for is known
  std::optional<std::string> stuck;                      ///< the reason; known only if `deep`
  std::vector<std::optional<std::string>> stuck_groups;  ///< the reasons of `queue.groups`; likewise, else empty
  UnixMs at{0};
  SteadyTime seen;
};

/// An entry, and if it is a dead letter, its parts. In a list, only the beginning of a long entry is known, and the
/// last line that its command printed.
struct SeenEntry {
  Entry entry;
  std::optional<worker::DeadLetter> letter;
};

/// All streams, or only the visible ones. A stream that was asked for and is missing here has vanished.
struct FoundStreams {
  bool all = false;
  std::vector<std::string> asked;  ///< the streams asked for, if not all
  std::vector<SeenStream> streams;
};

/// What the other places show. Members that do not belong to the place are empty.
struct FoundPlace {
  Place place;
  UnixMs at{0};
  bool gone = false;                 ///< the stream, group or message does not exist (any more)
  std::optional<SeenStream> stream;  ///< the stream of the place
  std::string dead_stream;           ///< the stream of its dead letters
  std::vector<ConsumerInfo> consumers;
  std::vector<PendingEntry> pending;  ///< message: its pending entry in the place's group, if it is pending
  std::vector<SeenEntry> entries;     ///< for dead, entries, message
  std::vector<DelayedMessage> delayed;
  bool more = false;  ///< there are more entries than the limit
};

}  // namespace weir::top
