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

/// The line of those who wait for what has been held for so long in a group. That for what is new has the group's
/// number.
std::int64_t line_for_claims(std::int64_t group, Millis min_idle);

/// A place whose holder does not wait for ever for one ahead that does not take what lies there: that one may be
/// stopped (Ctrl-Z).
class PatientPlace {
 public:
  PatientPlace(const LockFile& file, std::int64_t line, const PlaceInLine* behind = nullptr)
      : place_(file, line, behind) {}

  PlaceInLine& operator*() { return place_; }
  PlaceInLine* operator->() { return &place_; }

  /// Whether `next`, which lies there, is for this one: it is at the head, as it was just told, or those ahead of it
  /// have left `next` lying for too long.
  bool is_turn(Id next, bool at_head);

 private:
  PlaceInLine place_;
  std::optional<Id> left_lying_;  ///< what the one ahead did not take
  SteadyTime lying_since_;        ///< first seen so
  SteadyTime last_seen_;          ///< and last
};

/// The places of the clients of `weir serve`. Those who come one after the other have one place together: a new one is
/// taken only where a reader of another process stands behind the last. So a thousand clients cost one lock, and keep
/// their order among the others.
class SharedLines : public Lines {
 public:
  /// Requires: nothing else uses this opening of the file. What it locks is not seen by itself.
  explicit SharedLines(LockFile file) : file_(std::move(file)) {}

  void join(std::int64_t line, std::uint64_t place) override;
  void leave(std::int64_t line, std::uint64_t place) override;
  bool is_first(std::int64_t line, std::uint64_t place) override;
  bool at_head(std::int64_t line) override;
  bool is_turn(std::int64_t line, Id next) override;

 private:
  /// Clients between whom nobody else stands.
  struct Run {
    PatientPlace place;
    std::set<std::uint64_t> clients;
    bool first = false;  ///< nobody stands before it, and nobody ever will
  };
  static bool at_head(Run& run);
  Run* first_of(std::int64_t line);

  std::mutex mutex_;
  LockFile file_;
  std::map<std::int64_t, std::vector<Run>> lines_;  ///< none is empty
};

}  // namespace weir::sqlite
