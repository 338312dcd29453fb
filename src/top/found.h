// What a look at the store has found.
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

/// A stream, as it was at a moment.
struct SeenStream {
  report::StreamQueue queue;
  bool deep = false;                 ///< what `Want::visible` asks for is known, too
  std::optional<std::string> stuck;  ///< why; only where it is deep
  UnixMs at{0};
  SteadyTime seen;
};

/// An entry, and the dead letter that it is, if it is one. In a list only its beginning is known where it is long, and
/// the last line of what its command said.
struct SeenEntry {
  Entry entry;
  std::optional<worker::DeadLetter> letter;
};

/// All streams, or those of them that are visible: of these, who is not here has gone.
struct FoundStreams {
  bool all = false;
  std::vector<std::string> asked;  ///< if not all
  std::vector<SeenStream> streams;
};

/// Whatever else a place shows. What is not of its kind is empty.
struct FoundPlace {
  Place place;
  UnixMs at{0};
  bool gone = false;                 ///< the stream, the group or the message is not there (any more)
  std::optional<SeenStream> stream;  ///< the one that the place is of
  std::string dead_stream;           ///< where its dead letters are
  std::vector<ConsumerInfo> consumers;
  std::vector<PendingEntry> pending;  ///< message: itself, in the place's group, if it is pending there
  std::vector<SeenEntry> entries;     ///< dead, entries, message
  std::vector<DelayedMessage> delayed;
  bool more = false;  ///< there are more than the limit
};

}  // namespace weir::top
