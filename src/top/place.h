// The place that the user looks at, and what the store is asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stream/id.h"

namespace weir::top {

enum class Kind {
  streams,    ///< all streams
  groups,     ///< the groups of a stream
  dead,       ///< the dead letters of a stream, the last one first
  entries,    ///< the messages of a stream, the last one first
  delayed,    ///< the messages to be appended to a stream later
  pending,    ///< the pending messages of a group, or of one consumer
  consumers,  ///< the consumers of a group
  message,    ///< one message
};

struct Place {
  Kind kind = Kind::streams;
  std::string stream = {};
  std::string group = {};
  std::string consumer = {};  ///< pending: of this consumer only; empty: of all
  Id id = {};                 ///< message: its ID
  friend bool operator==(const Place&, const Place&) = default;
};

/// What the store is to be asked for.
struct Want {
  Place place;
  std::vector<std::string> visible = {};  ///< streams of which the screen shows more than the plain figures
  bool visible_is_all = false;            ///< more is needed of every stream, as it is the sort order
  std::uint64_t limit = 200;              ///< the most rows of a long list
  bool paused = false;                    ///< look once at a new place, and then no more
  friend bool operator==(const Want&, const Want&) = default;
};

}  // namespace weir::top
