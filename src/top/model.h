// What is known of the store: the last look at each stream, what they moved over the last minute, and what the place
// shows.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "system/clock.h"
#include "top/found.h"
#include "top/minute.h"

namespace weir::top {

/// One moment on both clocks.
struct Now {
  UnixMs wall{0};
  SteadyTime steady;
};

/// What came in, and what its groups were done with.
struct Rates {
  Minute in;
  std::unordered_map<std::string, Minute> out;  ///< of each group

  std::optional<double> out_per_second(SteadyTime now) const;  ///< of all groups; nothing: there is none
};

/// No clock of its own, no store: what it is told is all it knows.
class Model {
 public:
  void take(FoundStreams found);
  void take(FoundPlace found);
  /// What the place showed is not what is to be shown now.
  void forget_place() { place_.reset(); }

  /// In no order.
  const std::vector<SeenStream>& streams() const { return streams_; }
  const FoundPlace* place() const { return place_ ? &*place_ : nullptr; }
  bool looked() const { return looked_; }
  /// Null: no look has found it.
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
