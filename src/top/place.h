// Where somebody looks, and what is asked of the store for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stream/id.h"

namespace weir::top {

enum class Kind {
  streams,    ///< all there are
  groups,     ///< of a stream
  dead,       ///< the dead letters of a stream, the last first
  entries,    ///< the messages of a stream, the last first
  delayed,    ///< the messages that are to be appended to it
  pending,    ///< what a group has been given, or one of its consumers
  consumers,  ///< of a group
  message,    ///< one message
};

struct Place {
  Kind kind = Kind::streams;
  std::string stream = {};
  std::string group = {};
  std::string consumer = {};  ///< pending: of this one only; empty: of all
  Id id = {};                 ///< message
  friend bool operator==(const Place&, const Place&) = default;
};

/// What is to be looked at.
struct Want {
  Place place;
  std::vector<std::string> visible = {};  ///< streams of which more than the plain figures is shown
  bool visible_is_all = false;            ///< more is to be known of every stream: they are sorted by it
  std::uint64_t limit = 200;              ///< rows of a long list
  bool paused = false;                    ///< one look at a place that is new, and then none
  friend bool operator==(const Want&, const Want&) = default;
};

}  // namespace weir::top
