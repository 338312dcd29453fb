// Whose turn it is in the lines of blocked readers: for one reader, and for the many clients of one process.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "sqlite/file/lock_file.h"
#include "sqlite/file/waiting.h"
#include "stream/id.h"
#include "stream/request.h"
#include "stream/sharing.h"
#include "system/clock.h"

namespace weir::sqlite {

/// The line of readers that wait for messages held in the group for at least `min_idle`. (The line for new messages has
/// the group's own number.)
std::int64_t line_for_claims(std::int64_t group, Millis min_idle);

/// A place whose holder does not wait for ever if the reader ahead leaves messages lying: that reader may be stopped
/// (Ctrl-Z).
class PatientPlace {
 public:
  PatientPlace(const LockFile& file, std::int64_t line, const PlaceInLine* behind = nullptr)
      : place_(file, line, behind) {}

  PlaceInLine& operator*() { return place_; }
  PlaceInLine* operator->() { return &place_; }

  /// Whether the waiting message `next` is for this reader. True if the reader is at the head (`at_head`), or if the
  /// readers ahead have left `next` lying for too long.
  bool is_turn(Id next, bool at_head);

 private:
  PlaceInLine place_;
  std::optional<Id> left_lying_;  ///< the message that the reader ahead did not take
  SteadyTime lying_since_;        ///< when it was first seen lying
  SteadyTime last_seen_;          ///< when it was last seen lying
};

/// The places of the clients of `weir serve`. Clients that come one after the other share one place: a new place is
/// taken only if a reader of another process stands behind the last one. So a thousand clients cost one lock, and keep
/// their order among the other readers.
class SharedLines : public Lines {
 public:
  /// Requires: nothing else uses this opening of the file, since locks are not visible through the opening that holds
  /// them.
  explicit SharedLines(LockFile file) : file_(std::move(file)) {}

  void join(std::int64_t line, std::uint64_t place) override;
  void leave(std::int64_t line, std::uint64_t place) override;
  bool is_first(std::int64_t line, std::uint64_t place) override;
  bool others_are_in(std::int64_t line) override;
  bool at_head(std::int64_t line) override;
  bool is_turn(std::int64_t line, Id next) override;

 private:
  /// Clients that share a place: no reader of another process stands between them.
  struct Run {
    PatientPlace place;
    std::set<std::uint64_t> clients;
    bool first = false;  ///< no other process has a reader before it, or ever will
  };
  static bool at_head(Run& run);
  Run* first_of(std::int64_t line);

  std::mutex mutex_;
  LockFile file_;
  std::map<std::int64_t, std::vector<Run>> lines_;  ///< none is empty
};

}  // namespace weir::sqlite
