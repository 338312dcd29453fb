// What is known of the store: the last look at each stream, the traffic of the last minute, and what the place shows.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "system/clock.h"
#include "top/found.h"
#include "top/minute.h"

namespace weir::top {

/// The same moment on two clocks.
struct Now {
  UnixMs wall{0};
  SteadyTime steady;
};

/// Messages that came in, and messages that groups have finished.
struct Rates {
  Minute in;
  std::unordered_map<std::string, Minute> out;  ///< for each group

  std::optional<double> out_per_second(SteadyTime now) const;  ///< for all groups; nothing: there is no group
};

/// Has neither clock nor store: knows only what it is told.
class Model {
 public:
  void take(FoundStreams found);
  void take(FoundPlace found);
  /// To be called when another place is to be shown.
  void forget_place() { place_.reset(); }

  /// In no particular order.
  const std::vector<SeenStream>& streams() const { return streams_; }
  const FoundPlace* place() const { return place_ ? &*place_ : nullptr; }
  bool looked() const { return looked_; }
  /// Null: no look has found the stream.
  const SeenStream* stream(const std::string& name) const;
  const Rates* rates(const std::string& stream) const;

 private:
  void note_rates(const SeenStream& stream);
  void keep(SeenStream stream);
  void drop(const std::string& name);

  std::vector<SeenStream> streams_;
  std::unordered_map<std::string, std::size_t> at_;
  std::unordered_map<std::string, Rates> rates_;
  std::optional<FoundPlace> place_;
  bool looked_ = false;
};

}  // namespace weir::top
